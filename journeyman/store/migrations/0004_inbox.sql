-- What a person's next task is chosen by, where a million have been and tens of thousands wait.

alter table journey add column churn text[] not null default '{}'; -- signs that the customer may leave: cancellation, complaint, falling

alter table task add column as_if_since timestamptz; -- it ranks as if it had waited since then: for each point, ten minutes before it was opened
update task set as_if_since = created_at - priority * interval '10 minutes';
alter table task alter column as_if_since set not null;

drop index task_waiting, task_soonest;
create index task_best on task (queue, as_if_since) where state = 'ready';
create index task_due on task (queue, (case when started_at is null then coalesce(respond_by, due_date) else due_date end))
    where state = 'ready';
create index task_offered on task (offered_to) where offered_to is not null;

create or replace view task_row as
select
    t.id, t.journey_id, j.kind as journey_kind, j.version as journey_version,
    j.customer_id, c.tier as customer_tier, j.simulated, t.effect, t.step, t.kind, t.title, t.instructions, t.reason,
    t.state, t.queue, t.candidate_groups, t.skills, t.excluded, t.assignee, t.priority, t.respond_by, t.due_date,
    t.follow_up_date, t.suspended_at, t.escalate_at, t.escalations, t.offered_to, t.offer_expires_at, t.refused_by,
    t.tool_call, t.draft_kind, t.dispositions, t.notice, t.action, t.disposition, t.revision, t.created_at,
    t.started_at, t.closed_at, j.churn
from task t join journey j on j.id = t.journey_id join customer c on c.id = j.customer_id;
