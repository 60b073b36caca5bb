-- A deleted plan's name is free: it is unique among the partner's plans that are not deleted. A server of before still takes the
-- name of a deleted plan for taken; nothing else changes for it. Each statement can be run again after an interruption.
ALTER TABLE service_plans ADD COLUMN live_name VARCHAR(150) GENERATED ALWAYS AS (IF(delete_time IS NULL, display_name, NULL)) VIRTUAL;
ALTER TABLE service_plans ADD UNIQUE KEY service_plans_live_name (partner_id, live_name);
ALTER TABLE service_plans DROP KEY service_plans_display_name;
