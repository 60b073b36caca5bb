-- How far the history has told of a license's coming end (storage/model/license.h). Of what is past when this version comes nothing
-- is told: notices that have begun and expirations that have come are filled in, without an event. The days to come are due from
-- now on. A server of before that is running leaves the column as it is and sets due days without them; the time worker looks for
-- those (ListDoubtfulCustomers). This reads all licenses once, and has those locked that do not renew until it is done.
ALTER TABLE licenses ADD COLUMN announced_date DATE NULL;

UPDATE licenses l
  JOIN products p ON p.product_id = l.product_id
  LEFT JOIN subscriptions s ON s.customer_id = l.customer_id AND s.subscription_id = l.subscription_id
    AND s.state = 'ACTIVE' AND s.auto_renewal AND s.renewal_term_months > 0
    AND (p.end_of_life_date IS NULL OR p.end_of_life_date > l.expiration_date)
  SET
    l.announced_date = CASE
      WHEN l.expiration_date < UTC_DATE() THEN l.grace_end_date
      WHEN LEAST(l.expiration_date, COALESCE(p.end_of_life_date, l.expiration_date)) - INTERVAL LEAST(l.expiration_notice_days,
        DATEDIFF(LEAST(l.expiration_date, COALESCE(p.end_of_life_date, l.expiration_date)), l.start_date) DIV 2) DAY < UTC_DATE()
        THEN l.expiration_date
      ELSE NULL END,
    l.due_date = LEAST(l.due_date, CASE
      WHEN l.expiration_date < UTC_DATE() THEN l.grace_end_date
      WHEN LEAST(l.expiration_date, COALESCE(p.end_of_life_date, l.expiration_date)) - INTERVAL LEAST(l.expiration_notice_days,
        DATEDIFF(LEAST(l.expiration_date, COALESCE(p.end_of_life_date, l.expiration_date)), l.start_date) DIV 2) DAY < UTC_DATE()
        THEN l.expiration_date
      ELSE LEAST(l.expiration_date, COALESCE(p.end_of_life_date, l.expiration_date)) - INTERVAL LEAST(l.expiration_notice_days,
        DATEDIFF(LEAST(l.expiration_date, COALESCE(p.end_of_life_date, l.expiration_date)), l.start_date) DIV 2) DAY
      END)
  WHERE l.closed = 0 AND s.subscription_id IS NULL AND (l.suspend_date IS NULL OR l.suspend_date > UTC_DATE())
    AND (l.activation_policy <> 'ON_FIRST_SIGN_IN' OR l.activate_time IS NOT NULL);
