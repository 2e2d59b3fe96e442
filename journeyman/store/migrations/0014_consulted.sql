-- A note can ask a colleague something: until they have answered, or the task is closed, they are consulted about it.

alter table task_comment
    add column to_person text references person (id),
    add column answered_at timestamptz,        -- of a question: when the colleague answered
    add constraint task_comment_answer check (answered_at is null or to_person is not null);
create index task_comment_asked on task_comment (to_person, task_id) where to_person is not null and answered_at is null;
create index task_comment_asking on task_comment (task_id, to_person) where to_person is not null and answered_at is null;

create or replace view task_row as
select
    t.id, t.journey_id, j.kind as journey_kind, j.version as journey_version,
    j.customer_id, c.tier as customer_tier, j.simulated, t.effect, t.step, t.kind, t.title, t.instructions, t.reason,
    t.state, t.queue, t.candidate_groups, t.skills, t.excluded, t.assignee, t.priority, t.respond_by, t.due_date,
    t.follow_up_date, t.suspended_at, t.escalate_at, t.escalations, t.offered_to, t.offer_expires_at, t.refused_by,
    t.tool_call, t.draft_kind, t.dispositions, t.notice, t.action, t.disposition, t.revision, t.created_at,
    t.started_at, t.closed_at, j.churn,
    case when t.closed_at is null then array(
        select distinct n.to_person from task_comment n
        where n.task_id = t.id and n.to_person is not null and n.answered_at is null) else '{}' end as consulted
from task t join journey j on j.id = t.journey_id join customer c on c.id = j.customer_id;
