-- What a decision on a step stands on beside the conversation: read before it, and compared when what it led to is written.

create function grounds(journey_id text, agent text, queue_id text) returns jsonb
    language plpgsql stable parallel safe as $$
begin
    return (select jsonb_build_object(
        'customer', (select jsonb_build_object(
            'id', c.id, 'language', c.language, 'time_zone', c.time_zone, 'tier', c.tier, 'verification', c.verification,
            'verified_until', c.verified_until, 'support_needs', c.support_needs, 'consents', c.consents,
            'simulated', c.simulated)
            from customer c where c.id = j.customer_id),
        'stopped', exists (select from stop_flag s where s.scope in ('all', 'journey:' || j.id, 'agent:' || $2)),
        'people_available', exists (
            select from person p, queue q where q.id = $3 and p.presence = 'online' and p.teams && q.teams),
        'calendar', (select jsonb_build_object(
            'time_zone', k.time_zone, 'hours', k.hours, 'holidays', k.holidays, 'emergency', k.emergency)
            from queue q join calendar k on k.id = q.calendar where q.id = $3),
        'prior_approvals', (select count(*) from task t
            where t.journey_id = j.id and t.kind in ('review', 'approval') and t.action in ('accept', 'edit', 'approve')),
        'taken', (select coalesce(max(t.heard), 0) from task t
            where t.journey_id = j.id and t.kind in ('work', 'callback') and t.state in ('completed', 'failed')),
        'calls', (select jsonb_agg(jsonb_build_array(c.id, c.status, c.result is null) order by c.id)
            from tool_call c where c.journey_id = j.id),
        'bundle', (select hash from publication where subject = 'policies' order by id desc limit 1),
        'agent_version', (select hash from publication where subject = 'agent:' || $2 order by id desc limit 1))
    from journey j where j.id = $1);
end
$$;
