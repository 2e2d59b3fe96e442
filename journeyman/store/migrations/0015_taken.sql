-- A request that chose what to change itself says what it chose: sent again, it finds that.

alter table request add column about text;
