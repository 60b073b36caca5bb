-- No statement goes by it: who lists tokens has their customer. It makes no difference to a server that is running.
ALTER TABLE license_tokens DROP KEY license_tokens_expire_time;
