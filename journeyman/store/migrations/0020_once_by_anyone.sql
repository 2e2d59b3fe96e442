-- A chat that somebody new begins is begun once, too: the `person_id` of a request is empty where no person sent it.

alter table request drop constraint request_person_id_fkey;
