// A customer is erased, and the history still proves all else; and nothing else can be erased, or forged where
// something was.
#include "storage/erasure.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "storage/event_archive.h"
#include "storage/event_sequence.h"
#include "storage/events.h"
#include "storage/history_chain.h"
#include "storage/rows/personal.h"
#include "storage/rows/sql_rows.h"
#include "storage/status_macros.h"
#include "tests/storage/in_transaction.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_database.h"

namespace lmp::storage {
namespace {

using ::testing::HasSubstr;
using testing::IsOk;
using ::testing::Not;

const absl::Time kStart = absl::FromCivil(absl::CivilDay(2026, 1, 1), absl::UTCTimeZone());

enum class Form { kBefore, kSalted, kNumberedByAServerOfBefore };

class ErasureTest : public ::testing::TestWithParam<Form> {
 protected:
  void SetUp() override {
    ASSERT_THAT(connection_, IsOk());
    ASSERT_THAT(db().Execute("INSERT INTO partners (partner_id, display_name, tier, state, revision, create_time, "
                             "update_time) VALUES ('acme', 'Acme', 'DISTRIBUTOR', 'ACTIVE', 1, NOW(), NOW())"),
                IsOk());
    MakeRows();
    MakeHistory();
    ASSERT_EQ(Verify(), "");
  }
  Connection& db() { return **connection_; }

  void MakeRows() {
    model::Customer bakery;
    bakery.customer_id = "bakery";
    bakery.partner_id = "acme";
    bakery.delete_time = bakery.erase_time = kStart;
    bakery.erasing = true;
    model::Customer butcher;
    butcher.customer_id = "butcher";
    butcher.partner_id = "acme";
    butcher.display_name = "Bert";
    ASSERT_THAT(InsertRows(db(), std::vector<model::Customer>{bakery, butcher}), IsOk());
    model::ApiKey key;
    key.key_id = "k";
    key.customer_id = "bakery";
    key.display_name = "Ada's laptop";
    ASSERT_THAT(InsertRows(db(), std::vector<model::ApiKey>{key}), IsOk());
  }

  struct Row {
    std::string table, key1, key2;
  };
  // One event of a transaction, which is that of the minute.
  model::Event EventOf(int minute, const std::string& kind, const Row& row, const std::string& after,
                       const std::string& reason = "") {
    model::Event event{.event_time = kStart + absl::Minutes(minute),
                       .actor = "anna",
                       .reason = reason,
                       .request_id = absl::StrCat("r", minute),
                       .kind = kind,
                       .row_table = row.table,
                       .key1 = row.key1,
                       .key2 = row.key2,
                       .revision = ++revisions_,
                       .before = minute % 2 == 0 ? std::nullopt : std::optional<std::string>(after),
                       .after = after,
                       .partner_id = "acme"};
    if (form() != Form::kBefore && HoldsPersonal(event)) event.salt = std::string(16, 's');
    return event;
  }
  virtual Form form() const { return GetParam(); }

  // 1 to 9: nine events, of which the customer's, its key's and its pool's are 1, 2, 3, 4 and 7.
  void MakeHistory() {
    const Row bakery{"customers", "bakery", ""}, license{"licenses", "bakery", "l"}, pool{"license_pools", "acme", "p"};
    Store(
        {EventOf(1, "CUSTOMER_CREATED", bakery, R"({"customer_id":"bakery","note":"Ada","city":"Bonn"})", "for Ada")});
    Store({EventOf(2, "SERVICE_PLAN_ASSIGNED", license, R"({"units":5})", "Ada called"),
           EventOf(2, "SERVICE_PLAN_ASSIGNED", pool, R"({"assigned":5})", "Ada called")});
    Store({EventOf(3, "API_KEY_CREATED", {"api_keys", "k", ""}, R"({"key_id":"k","display_name":"Ada's laptop"})")});
    Store({EventOf(4, "CUSTOMER_CREATED", {"customers", "butcher", ""}, R"({"note":"Bert"})", "for Bert"),
           EventOf(4, "CUSTOMER_CREATED", pool, R"({"assigned":4})", "for Bert")});
    Store({EventOf(5, "CUSTOMER_DELETED", bakery, R"({"customer_id":"bakery","note":"Ada"})")});
    Store({EventOf(6, "CUSTOMER_UPDATED", license, R"({"units":6})")});
    Store({EventOf(7, model::kCustomerErased, bakery, R"({"customer_id":"bakery"})", "request 4711")});
    if (form() == Form::kNumberedByAServerOfBefore) Tamper("UPDATE events SET salt = NULL");
    ASSERT_THAT(InTransaction(db(), [&] { return SequenceEvents(db(), 1000).status(); }), IsOk());
    if (form() != Form::kNumberedByAServerOfBefore) return;
    Tamper("UPDATE events SET salt = REPEAT('s', 16) WHERE event_id IN (1, 2, 3, 4, 5, 6, 7)");
  }
  void Store(const std::vector<model::Event>& events) { ASSERT_THAT(InsertEvents(db(), events), IsOk()); }

  ErasedPart EraseSome(int64_t after, int limit) {
    ErasedPart part;
    EXPECT_THAT(InTransaction(db(),
                              [&]() -> absl::Status {
                                ASSIGN_OR_RETURN(const auto deleted, LockErasing(db(), "bakery"));
                                EXPECT_TRUE(deleted.has_value());
                                ASSIGN_OR_RETURN(part, EraseEvents(db(), "bakery", after, limit));
                                return absl::OkStatus();
                              }),
                IsOk());
    return part;
  }
  void EraseTheKeys() {
    for (const auto erase : {EraseApiKeys, EraseRegistrationKeys}) {
      ErasedPart part;
      while (!part.done) {
        EXPECT_THAT(InTransaction(db(),
                                  [&]() -> absl::Status {
                                    ASSIGN_OR_RETURN(part, erase(db(), "bakery", part.last_key, 1));
                                    return absl::OkStatus();
                                  }),
                    IsOk());
      }
    }
    EXPECT_THAT(InTransaction(db(), [&] { return EndErasure(db(), "bakery"); }), IsOk());
  }
  void EraseAll(int limit = 2) {
    ErasedPart part;
    while (!part.done) part = EraseSome(part.last, limit);
    EraseTheKeys();
  }

  void Tamper(const std::string& sql) { ASSERT_THAT(db().Update(sql, {}), IsOk()); }
  std::string Verify() {
    const absl::StatusOr<ChainReport> report = VerifyChain(db());
    if (!report.ok()) return report.status().ToString();
    erased_ = report->erased;
    return report->broken == 0 ? "" : absl::StrCat(report->broken, ": ", report->why);
  }
  // All that is stored of the events and keys, as text.
  std::string Dump() {
    std::string dump;
    for (const char* table : {kEvents, kEventArchive}) {
      const auto events = LoadStoredEvents(db(), table, "ORDER BY e.event_id", {});
      for (const model::Event& event : *events) {
        absl::StrAppend(&dump, event.sequence, " ", event.reason, " ", event.before.value_or("-"), " ", event.after,
                        event.salt.has_value() ? " salt\n" : "\n");
      }
    }
    const auto keys = db().Query("SELECT display_name FROM api_keys", {});
    while ((*keys)->Next()) absl::StrAppend(&dump, (*keys)->String(0), "\n");
    return dump;
  }
  // Each on the same history: what is said after the change, which is then taken back.
  std::string VerifyAfter(const std::string& change) {
    EXPECT_THAT(db().Execute("BEGIN"), IsOk());
    Tamper(change);
    std::string said = Verify();
    EXPECT_THAT(db().Execute("ROLLBACK"), IsOk());
    return said;
  }

  testing::TestDatabase database_;
  absl::StatusOr<std::unique_ptr<Connection>> connection_ = Connection::Open(database_.options());
  int revisions_ = 0;
  int64_t erased_ = 0;
};

TEST_P(ErasureTest, WhatTellsOfPeopleIsGoneAndTheHistoryIsWhole) {
  const std::string head = LoadHistoryHead(db())->chain_hash;
  EXPECT_THAT(Dump(), HasSubstr("Ada"));
  EraseAll();
  EXPECT_THAT(Dump(), Not(HasSubstr("Ada")));
  EXPECT_THAT(Dump(), HasSubstr(R"({"note":"Bert"})")) << "another customer's";
  EXPECT_THAT(Dump(), HasSubstr("request 4711")) << "why it was erased";
  EXPECT_EQ(Verify(), "");
  EXPECT_EQ(erased_, 5);
  EXPECT_EQ(LoadHistoryHead(db())->chain_hash, head);
  EXPECT_FALSE(NextErasing(db(), "")->has_value());
}

TEST_P(ErasureTest, ItHoldsAtEachMomentAndIsBegunAnewByWhoeverComesNext) {
  ErasedPart part;
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(NextErasing(db(), "").value(), "bakery");
    part = EraseSome(0, 1);  // as after a kill: it does not know what was done
    EXPECT_EQ(Verify(), "");
  }
  EXPECT_TRUE(part.last != 0 || part.done);
  EraseAll(1);
  EXPECT_EQ(Verify(), "");
  EXPECT_THAT(Dump(), Not(HasSubstr("Ada")));
  EXPECT_EQ(erased_, 5);
}

TEST_P(ErasureTest, EventsAreErasedInTheArchiveToo) {
  const ErasedPart part = EraseSome(0, 1);
  ASSERT_THAT(InTransaction(db(), [&] { return ArchiveEvents(db(), kStart + absl::Minutes(4), 100).status(); }),
              IsOk());
  EXPECT_THAT(Dump(), HasSubstr("Ada"));
  ErasedPart rest = part;
  while (!rest.done) rest = EraseSome(rest.last, 2);
  EraseTheKeys();
  EXPECT_THAT(Dump(), Not(HasSubstr("Ada")));
  EXPECT_EQ(Verify(), "");
  EXPECT_EQ(erased_, 5);
}

TEST_P(ErasureTest, AnEventThatHasNoPlaceYetIsWaitedFor) {
  Store({EventOf(8, "CUSTOMER_UPDATED", {"customers", "bakery", ""}, R"({"note":"Ada"})")});
  ErasedPart part;
  while (!part.done && !part.waits) part = EraseSome(part.last, 100);
  EXPECT_TRUE(part.waits);
  EXPECT_THAT(Dump(), HasSubstr("Ada"));
}

// The eraser comes some seconds after the erasure, and takes what happened to a key until then, too.
TEST_P(ErasureTest, AKeyThatChangedSinceTheErasureIsErasedAsAWhole) {
  Store({EventOf(8, "API_KEY_REVOKED", {"api_keys", "k", ""}, R"({"key_id":"k","display_name":"Ada's laptop"})")});
  ASSERT_THAT(InTransaction(db(), [&] { return SequenceEvents(db(), 1000).status(); }), IsOk());
  EraseAll();
  EXPECT_EQ(Verify(), "");
}

TEST_P(ErasureTest, AnswersGoWithTheEvents) {
  for (const char* request : {"r1", "r4"}) {
    ASSERT_THAT(db().Update("INSERT INTO requests VALUES ('anna', ?, 'CreateCustomer', REPEAT('f', 32), 'Ada', NOW())",
                            {std::string(request)}),
                IsOk());
  }
  EraseAll();
  const auto left = db().Query("SELECT request_id FROM requests", {});
  ASSERT_TRUE((*left)->Next());
  EXPECT_EQ((*left)->String(0), "r4");
  EXPECT_FALSE((*left)->Next());
}

TEST_P(ErasureTest, AForgedPersonalFieldIsFound) {
  EraseAll();
  const std::string tells = " is erased, and yet tells of people";
  EXPECT_EQ(
      VerifyAfter("UPDATE events SET after_image = '{\"customer_id\":\"bakery\",\"note\":\"Eve\"}' WHERE sequence "
                  "= 1"),
      absl::StrCat("1: event 1", tells));
  EXPECT_EQ(VerifyAfter("UPDATE events SET before_image = '{\"city\":\"Bonn\"}' WHERE sequence = 1"),
            absl::StrCat("1: event 1", tells));
  EXPECT_EQ(VerifyAfter("UPDATE events SET reason = 'Eve called' WHERE sequence = 3"),
            absl::StrCat("3: event 3", tells));
  EXPECT_EQ(VerifyAfter("UPDATE events SET salt = REPEAT('s', 16) WHERE sequence = 2"),
            absl::StrCat("2: event 2", tells));
}

TEST_P(ErasureTest, WhatIsErasedWithoutItsCustomerIsFound) {
  // As one who knows all of this would do it: what is left is right, and the chain holds.
  const auto forget = [&](int64_t sequence) {
    model::Event event = LoadBySequence(db(), {.after = sequence - 1, .limit = 1})->front();
    event.erased = event.record_version == kSaltedRecord ? PersonalDigest(event) : LeafOf(event);
    ForgetPersonal(event);
    return absl::StrCat("UPDATE events SET salt = NULL, reason = '', after_image = '", event.after,
                        "', before_image = NULL, erased = UNHEX('", absl::BytesToHexString(*event.erased),
                        "') WHERE sequence = ", sequence);
  };
  EXPECT_EQ(VerifyAfter(forget(5)), "5: event 5 is erased, but no customer of it is");  // another customer's
  EXPECT_EQ(VerifyAfter(forget(6)), "6: event 6 is erased, but no customer of it is");  // its pool's
  EraseAll();
  EXPECT_EQ(Verify(), "");
  EXPECT_EQ(VerifyAfter(forget(5)), "5: event 5 is erased, but no customer of it is");
  EXPECT_EQ(VerifyAfter(forget(6)), "6: event 6 is erased, but no customer of it is");
  EXPECT_EQ(VerifyAfter("UPDATE api_keys SET customer_id = 'butcher'"),
            "4: event 4 is erased, but no customer of it is");
  // The erasure must stand behind what was erased, in the chain.
  EXPECT_THAT(VerifyAfter("UPDATE events SET kind = 'CUSTOMER_UPDATED' WHERE sequence = 9"), HasSubstr("9: event 9"));
}

TEST_P(ErasureTest, ADeletedRowAndASwappedPairAreFound) {
  EraseAll();
  EXPECT_EQ(VerifyAfter("DELETE FROM events WHERE sequence = 2"), "2: event 2 is missing");
  EXPECT_THAT(VerifyAfter("UPDATE events SET erased = REPEAT('x', 32) WHERE sequence = 2"),
              HasSubstr("2: event 2 is not what was recorded"));
  EXPECT_NE(VerifyAfter("UPDATE events SET sequence = IF(sequence = 1, 7, 1) WHERE sequence IN (1, 7)"), "");
  EXPECT_NE(VerifyAfter("UPDATE events AS a JOIN events AS b ON a.sequence + b.sequence = 8 SET a.erased = b.erased "
                        "WHERE a.sequence IN (1, 7)"),
            "");
  EXPECT_NE(VerifyAfter("UPDATE events SET erased = NULL WHERE sequence = 7"), "");
}

INSTANTIATE_TEST_SUITE_P(Forms, ErasureTest,
                         ::testing::Values(Form::kBefore, Form::kSalted, Form::kNumberedByAServerOfBefore));

class SaltedErasureTest : public ErasureTest {
  Form form() const override { return Form::kSalted; }
};

// What a digest stands for is gone; all else is proven as before.
TEST_P(SaltedErasureTest, AFlippedByteOfWhatIsLeftIsFound) {
  EraseAll();
  for (const char* change :
       {"after_image = CONCAT(after_image, ' ')", "actor = 'bob'", "event_time = event_time + INTERVAL 1 SECOND",
        "kind = 'LICENSE_ENDED'", "partner_id = 'rival'", "key2 = 'x'", "before_image = ''", "before_image = NULL",
        "effective_date = '2026-01-01'", "request_id = 'x'", "transaction_end = 99", "chain_hash = REPEAT('x', 32)",
        "erased = REPEAT('x', 32)", "erased = NULL", "record_version = 1",
        "after_image = '{\"customer_id\":\"bakerx\"}'", "salt = REPEAT('s', 16)"}) {
    EXPECT_THAT(VerifyAfter(absl::StrCat("UPDATE events SET ", change, " WHERE sequence = 1")),
                HasSubstr("1: event 1 is"))
        << change;
  }
}

TEST_P(SaltedErasureTest, BeforeTheErasureEveryByteIsProven) {
  for (const char* change : {"reason = 'for Eve'", "reason = ''", "salt = REPEAT('t', 16)", "salt = NULL",
                             "after_image = REPLACE(after_image, 'Ada', 'Eve')", "record_version = 1",
                             "after_image = '{\"customer_id\":\"bakery\"}'", "before_image = NULL",
                             "after_image = '{\"note\":\"Ada\",\"city\":\"Bonn\",\"customer_id\":\"bakerx\"}'"}) {
    EXPECT_THAT(VerifyAfter(absl::StrCat("UPDATE events SET ", change, " WHERE sequence = 1")),
                HasSubstr("1: event 1 is not what was recorded"))
        << change;
  }
}

// Where only the leaf is left an event can say anything: that it is an erasure, or what a new event never did.
TEST_P(SaltedErasureTest, AnEventThatIsMadeOneOfBeforeFoundsNothingAndIsFound) {
  const auto forge = [&](int64_t sequence) {
    const model::Event event = LoadBySequence(db(), {.after = sequence - 1, .limit = 1})->front();
    return absl::StrCat("UPDATE events SET record_version = 1, salt = NULL, reason = '', before_image = NULL, kind = ",
                        "'CUSTOMER_ERASED', row_table = 'customers', after_image = '{}', erased = UNHEX('",
                        absl::BytesToHexString(LeafOf(event)), "') WHERE sequence = ", sequence);
  };
  EXPECT_EQ(VerifyAfter(forge(5)), "5: event 5 is erased, but no customer of it is");
  for (const int minute : {5000, 5001})
    Store({EventOf(minute, "CUSTOMER_ERASED", {"customers", "butcher", ""}, R"({"customer_id":"butcher"})")});
  ASSERT_THAT(InTransaction(db(), [&] { return SequenceEvents(db(), 1000).status(); }), IsOk());
  EXPECT_EQ(VerifyAfter(forge(5)), "") << "while servers are replaced";
  EXPECT_THAT(VerifyAfter(forge(11)), HasSubstr("11: event 11 is erased, but its record is of a form"));
}

// The records of both forms, computed by hand: histories were made of them.
TEST_P(SaltedErasureTest, TheRecordsAreTheseForEver) {
  model::Event event{.event_id = 4711,
                     .sequence = 7,
                     .transaction_end = 8,
                     .event_time = kStart,
                     .actor = "anna",
                     .request_id = "r",
                     .kind = "CUSTOMER_UPDATED",
                     .row_table = "customers",
                     .key1 = "bakery",
                     .revision = 2,
                     .before = R"({"customer_id":"bakery","note":"Ada","revision":1})",
                     .after = R"({"customer_id":"bakery","city":"Bonn","revision":2})",
                     .partner_id = "acme"};
  event.reason = "for Ada";
  const auto field = [](const std::string& text) {
    return absl::StrCat(std::string(7, '\0'), std::string(1, static_cast<char>(text.size())), text);
  };
  const auto record = [&](const std::string& version, const std::string& reason, const std::string& before,
                          const std::string& after) {
    std::string bytes;
    for (const std::string& text :
         {version, std::string("7"), std::string("8"), std::string("4711"), absl::StrCat(absl::ToUnixMicros(kStart)),
          std::string("anna"), reason, std::string("r"), std::string("CUSTOMER_UPDATED")}) {
      bytes += field(text);
    }
    bytes += std::string(8, '\xff');  // no effective_date
    for (const std::string& text : {std::string("acme"), std::string("customers"), std::string("bakery"), std::string(),
                                    std::string("2"), before, after}) {
      bytes += field(text);
    }
    return bytes;
  };
  EXPECT_EQ(RecordOf(event), record("lmp-event-1", "for Ada", *event.before, event.after));
  event.record_version = kSaltedRecord;
  event.salt = "0123456789abcdef";
  const std::string personal = absl::StrCat(field("for Ada"), field(R"({"note":"Ada"})"), field(R"({"city":"Bonn"})"));
  const std::string salted = absl::StrCat(
      record("lmp-event-2", "", R"({"customer_id":"bakery","revision":1})", R"({"customer_id":"bakery","revision":2})"),
      field(LeafHash(absl::StrCat(*event.salt, personal))));
  EXPECT_EQ(RecordOf(event), salted);
  event.erased = PersonalDigest(event);
  event.salt.reset();
  ForgetPersonal(event);
  EXPECT_EQ(RecordOf(event), salted);
}

INSTANTIATE_TEST_SUITE_P(Salted, SaltedErasureTest, ::testing::Values(Form::kSalted));

}  // namespace
}  // namespace lmp::storage
