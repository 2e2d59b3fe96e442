-- A question to a colleague can be taken back: nobody waits for its answer any more.

alter table task_comment
    add column taken_back boolean not null default false,
    add constraint task_comment_taken_back check (not taken_back or answered_at is not null);
