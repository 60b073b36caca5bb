-- A check reads the licenses of a product that are not closed, and else the one closed license that ends last: without this it read all
-- that a customer ever had, and these only grow.
ALTER TABLE licenses
  DROP KEY licenses_product,
  ADD KEY licenses_product (customer_id, product_id, closed, grace_end_date);
