-- Knowledge: every base that was ever published, and its sections as search finds them.

-- How words of a language are read; one that Postgres does not know is read word by word.
create function knowledge_language(language text) returns regconfig
    language sql immutable parallel safe
    return case language
        when 'da' then 'danish'::regconfig
        when 'de' then 'german'::regconfig
        when 'en' then 'english'::regconfig
        when 'es' then 'spanish'::regconfig
        when 'fi' then 'finnish'::regconfig
        when 'fr' then 'french'::regconfig
        when 'it' then 'italian'::regconfig
        when 'nb' then 'norwegian'::regconfig
        when 'nl' then 'dutch'::regconfig
        when 'pt' then 'portuguese'::regconfig
        when 'sv' then 'swedish'::regconfig
        else 'simple'::regconfig
    end;

create table knowledge_base (
    hash text primary key,
    files jsonb not null,                      -- {path: text}: what the hash is of
    created_at timestamptz not null
);
create unique index knowledge_base_cited on knowledge_base (left(hash, 12)); -- citations name a base by these digits

create table knowledge_section (
    base text not null references knowledge_base (hash),
    position integer not null,
    path text not null,
    anchor text not null,
    headings text[] not null,                  -- from the article's title to the section's own
    text text not null,
    language text not null,
    kinds text[] not null,                     -- the journey kinds that it is for; none: all
    audience text not null,
    words tsvector not null generated always as (
        setweight(to_tsvector(knowledge_language(language), headings[cardinality(headings)]), 'A')
        || setweight(to_tsvector(knowledge_language(language), headings[1]), 'B')
        || to_tsvector(knowledge_language(language), text)
    ) stored,
    primary key (base, position),
    constraint knowledge_section_cited unique (base, path, anchor),
    constraint knowledge_section_headings check (cardinality(headings) > 0),
    constraint knowledge_section_audience check (audience in ('all', 'people'))
);
create index knowledge_section_words on knowledge_section using gin (words);

grant select, insert on knowledge_base, knowledge_section to journeyman_app;
