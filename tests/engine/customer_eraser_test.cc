// The worker that goes through the history of erased customers, where one of them can't be erased.
#include "server/workers/customer_eraser.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "storage/event_sequence.h"
#include "tests/engine/engine_fixture.h"
#include "tests/support/status_matchers.h"

namespace lmp::engine {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::IsOk;

constexpr char kErasing[] = "SELECT customer_id FROM customers WHERE erasing = 1 ORDER BY customer_id";

class CustomerEraserTest : public EngineTest {
 protected:
  CustomerEraserTest() {
    AddCustomers(3);
    for (const char* sql : {"BEGIN", "UPDATE customers SET delete_time = NOW(6), erase_time = NOW(6), erasing = 1"})
      EXPECT_THAT(admin_->Execute(sql), IsOk());
    EXPECT_THAT(storage::SequenceEvents(*admin_, 1000), IsOk());
    EXPECT_THAT(admin_->Execute("COMMIT"), IsOk());
  }
  int64_t EventsThatTell() {
    return Number("SELECT COUNT(*) FROM events WHERE key1 LIKE 'customer-%' AND erased IS NULL");
  }

  server::CustomerEraser eraser_{database_};
};

TEST_F(CustomerEraserTest, OneThatCanNotBeErasedHoldsUpNoOther) {
  ASSERT_THAT(
      admin_->Execute("CREATE TRIGGER broken BEFORE UPDATE ON events FOR EACH ROW BEGIN IF OLD.key1 = "
                      "'customer-1' THEN SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'not this one'; END IF; END"),
      IsOk());
  EXPECT_THAT(eraser_.RunOnce(), IsOk()) << "something was done";
  EXPECT_THAT(Texts(kErasing), ElementsAre("customer-1"));
  EXPECT_EQ(EventsThatTell(), 1);
  EXPECT_FALSE(eraser_.RunOnce().ok()) << "nothing could be done";
  ASSERT_THAT(admin_->Execute("DROP TRIGGER broken"), IsOk());
  EXPECT_THAT(eraser_.RunOnce(), IsOk());
  EXPECT_THAT(Texts(kErasing), IsEmpty());
  EXPECT_EQ(EventsThatTell(), 0);
}

// As many as one customer may make in years: a part of them in each transaction.
TEST_F(CustomerEraserTest, ManyKeysAreErasedInParts) {
  ASSERT_THAT(admin_->Execute(
                  "INSERT INTO api_keys (key_id, partner_id, customer_id, role, roles, display_name, secret_hash, "
                  "expire_time, create_time, update_time, revision) SELECT CONCAT('key-', seq), partner_id, "
                  "customer_id, 'CHECKER', '[\"CHECKER\"]', 'of Ada', SHA2(seq, 256), NOW(6), NOW(6), NOW(6), 1 FROM "
                  "customers JOIN (WITH RECURSIVE s AS (SELECT 1 AS seq UNION ALL SELECT seq + 1 FROM s WHERE seq < "
                  "250) SELECT seq FROM s) AS s WHERE customer_id = 'customer-2'"),
              IsOk());
  const int64_t before = ServerStatus("Com_commit");
  EXPECT_THAT(eraser_.RunOnce(), IsOk());
  EXPECT_GE(ServerStatus("Com_commit") - before, 3 * 5 + 2)
      << "events, keys of two kinds, answers, the mark; and more keys";
  EXPECT_EQ(Number("SELECT COUNT(*) FROM api_keys WHERE display_name <> ''"), 0);
  EXPECT_THAT(Texts(kErasing), IsEmpty());
}

}  // namespace
}  // namespace lmp::engine
