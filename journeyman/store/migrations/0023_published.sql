-- A checkpoint is published when its file stands outside: no row says so, for no signature could cover it.

alter table checkpoint drop column published_at; -- and with it the integrator's only right to change a row of the ledger
