-- Who has a license of a product that is not closed. When a product's life has ended all of its licenses are, in time: without this
-- each pass of the time worker and each list that goes by dates read them all again.
ALTER TABLE licenses ADD KEY licenses_open_by_product (product_id, closed, customer_id);
