-- The number that a customer is called back on, as it was known or given when the slot was promised.

alter table callback add column number bytea; -- sealed; null: none is known
