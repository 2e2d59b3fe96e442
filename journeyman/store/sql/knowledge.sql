-- name: keep_base
insert into knowledge_base (hash, files, created_at) values ($1, $2, $3) on conflict (hash) do nothing returning hash

-- name: keep_section
insert into knowledge_section (base, position, path, anchor, headings, text, language, kinds, audience)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9)

-- name: section
select
    s.base, s.path, s.anchor, s.headings, s.text, s.language, s.kinds, s.audience, b.files,
    s.base = (select hash from publication where subject = 'knowledge' order by id desc limit 1) as current
from knowledge_section s join knowledge_base b on b.hash = s.base
where s.path = $1 and s.anchor = $2 and left(b.hash, 12) = $3

-- name: languages
select distinct language from knowledge_section
where base = (select hash from publication where subject = 'knowledge' order by id desc limit 1) and language <> $1
order by language

-- name: search
-- With $2 any of the words will do. What is marked in an excerpt, $7 says how.
with asked as (
    select
        case when $2 then replace(plainto_tsquery(knowledge_language($3), $1)::text, ' & ', ' | ')::tsquery
            else websearch_to_tsquery(knowledge_language($3), $1) end as query,
        (select hash from publication where subject = 'knowledge' order by id desc limit 1) as base
), found as (
    select s.*, asked.query, ts_rank(s.words, asked.query, 1) as rank
    from asked join knowledge_section s on s.base = asked.base and s.words @@ asked.query
    where s.language = $3 and ($4::text is null or s.kinds = '{}' or $4 = any (s.kinds))
        and (s.audience = 'all' or $5::text = 'people')
    order by rank desc, s.position limit $6
)
select
    base, path, anchor, headings, text, language, kinds, audience, rank,
    ts_headline(knowledge_language(language), text, query, $7) as excerpt
from found order by rank desc, position
