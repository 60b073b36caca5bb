-- All that a token says of its licence, to be compared with what that is now. Of tokens of before, and of a server of before, it is
-- not known: NULL, which is compared with nothing.
ALTER TABLE license_tokens
  ADD COLUMN product_id VARCHAR(63) CHARACTER SET ascii COLLATE ascii_bin NULL,
  ADD COLUMN expiration_date DATE NULL;
