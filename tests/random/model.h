// A second opinion: the rules of the domain once more, in the plainest form that can be read beside their text, and
// written from that text alone. It knows no code of the server: requests come in as the API's messages, and what it
// says is rows.
//
// It is not the server's twin. It refuses with a set of reasons, all that apply, because the order in which the server
// looks at them is no rule; and where no rule says whether a request is refused, it says "perhaps".
#ifndef LMP_TESTS_RANDOM_MODEL_H_
#define LMP_TESTS_RANDOM_MODEL_H_

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "google/type/date.pb.h"

namespace lmp::random_test {

using Date = absl::CivilDay;
using Names = std::vector<std::string>;  // ids, sorted

// The same day of the month, months later; the last day if that month is shorter. `day` counts, not that of `date`.
Date MonthsLater(Date date, int months, int day);
inline Date MonthsLater(Date date, int months) { return MonthsLater(date, months, static_cast<int>(date.day())); }
Date DateOf(const google::type::Date& date);
std::string Text(Date date);
// "customers/a/licenses/b" → {"a", "b"}; "" where there is nothing.
std::pair<std::string, std::string> IdsOf(const std::string& name);

// Why a request is refused.
class Verdict {
 public:
  // One of the reasons that apply.
  void Refuse(const std::string& reason) { reasons_.insert(reason); }
  void RefuseIf(bool applies, const std::string& reason) {
    if (applies) reasons_.insert(reason);
  }
  // No rule says whether this is a reason.
  void PerhapsIf(bool applies, const std::string& reason) {
    if (applies) perhaps_.insert(reason);
  }
  bool accepted() const { return reasons_.empty(); }
  // Whether the server's answer ("" for OK) is one that the rules allow.
  bool Allows(const std::string& reason) const {
    return reason.empty() ? reasons_.empty() : reasons_.contains(reason) || perhaps_.contains(reason);
  }
  std::string Text() const;

 private:
  std::set<std::string> reasons_, perhaps_;
};

struct Partner {
  std::string parent;
  std::string state = "ACTIVE";
};

struct Product {
  std::string kind, unit;  // as in the API
  int min_units = 1, max_units = 999999;
  bool nfr_allowed = false;
  std::string family;
  int level = 0;
  std::string lifecycle = "ON_SALE";
  Names components;
  std::optional<Date> end_of_life;
};

struct Terms {
  bool trial = false, nfr = false;
  int initial_months = 0;
  bool auto_renewal = false;
  int renewal_months = 0;
  int grace_days = 30, notice_days = 30;
  bool first_sign_in = false;
};

struct Plan {
  std::string partner, product, display_name;
  Terms terms;
  bool enabled = true, deleted = false;
  Names components;  // as approved
};

struct Customer {
  std::string partner;
  bool enabled = true;
  std::optional<absl::Time> deleted;
  Date passed;  // time has passed for it up to this day, and on it
  std::string note, external_id;
};

struct Subscription {
  std::string plan;
  std::string state = "ACTIVE";
  Terms terms;
  Date start;
  Names components;
  bool renewal_paused = false;
  std::string replaced_by;
};

struct License {
  std::string product;
  int units = 0;
  std::optional<int> used;
  Date start, expiration, grace_end;
  int day = 1;  // of the month on which its terms end; the last one in a shorter month
  int notice_days = 30;
  bool trial = false, nfr = false, first_sign_in = false, activated = false;
  std::string subscription;  // none: unbundled
  std::optional<Date> suspended;
  std::string told;              // of its coming end by the history: "EXPIRING_SOON" or "GRACE"
  bool closed = false;           // ended, and that was noticed
  std::optional<Date> canceled;  // closed before its end, on this day
};

// What an update sets.
struct TermsUpdate {
  std::map<std::string, int> units;
  std::optional<Date> expiration;
  std::optional<int> day;  // of the month, for terms after that expiration; else its own
  std::optional<bool> auto_renewal;
  std::optional<int> renewal_months, notice_days;
  bool empty() const { return units.empty() && !expiration && !auto_renewal && !renewal_months && !notice_days; }
};

struct ScheduledChange {
  std::string subscription;
  Date day;
  TermsUpdate update;
  std::string state = "PENDING";
};

struct Pool {
  int total = 0, assigned = 0, minimum = 0;
};

struct RegistrationKey {
  std::string partner, plan;
  std::map<std::string, int> units;
  Date expires;
  std::string state = "ISSUED", customer, subscription;
};

using Key = std::pair<std::string, std::string>;  // customer and its child; partner and product of a pool

struct World {
  absl::Time now;
  std::map<std::string, Partner> partners;
  std::map<std::string, Product> products;
  std::map<std::string, Plan> plans;
  std::map<std::string, Customer> customers;
  std::map<Key, Subscription> subscriptions;
  std::map<Key, License> licenses;
  std::map<Key, ScheduledChange> changes;
  std::map<Key, Pool> pools;
  std::map<std::string, RegistrationKey> keys;
  // Ids that this step made so far. The test names what the server makes by the step, see NewId.
  int step = 0, made = 0;
  std::set<std::string> due;  // what this step's verb made due at once

  Date today() const { return absl::ToCivilDay(now, absl::UTCTimeZone()); }
  // What the server will call the next thing it makes: a subscription first, then its licenses in order of product.
  std::string NewId();
};
// The n-th id made by a step, n from 0.
std::string IdOf(int step, int n);

// --- questions ---
// Nothing of it is left: its grace is over, or its product's life, or it was closed.
bool Ended(const World& world, const License& license, Date day);
std::string StateOf(const World& world, const Key& key, Date day);
std::string StateOfSubscription(const World& world, const Key& key, Date day);
// No date that is shown of a license is later than the end of its product's life.
Date Shown(const World& world, const License& license, Date date);
// The day on which the license renews by itself; none if it does not.
std::optional<Date> RenewalDay(const World& world, const Key& key, const License& license);
// Keys of the licenses of a subscription that have not ended by `day`, in order of product.
std::vector<Key> LiveLicenses(const World& world, const Key& subscription, Date day);
// Products that a plan on `product` is about now.
Names CompositionOf(const World& world, const std::string& product);
bool IsService(const World& world, const std::string& product);
// The product and what it is made of are still sold.
void CheckOnSale(const World& world, const std::string& product, Verdict& verdict);
// Which plan can't be assigned, why.
void CheckPlan(const World& world, const std::string& plan, const std::string& partner, Verdict& verdict);
// What a verb is about: the customer's licenses, the customer itself, the first sign-in or the use that a product
// reports. Nothing but its own verbs changes a disabled customer, and nothing what a suspended partner has, but
// products' reports.
enum class About { kLicenses, kItself, kSignIn, kUse };
// The customer is there and may be changed.
bool CheckCustomer(const World& world, const std::string& customer, Verdict& verdict, About about = About::kLicenses);
void CheckPartner(const World& world, const std::string& partner, Verdict& verdict, About about = About::kLicenses);
// What is wrong with an update if it takes effect on `day`, of what has not ended by `as_of`.
void CheckTerms(const World& world, const Key& subscription, const TermsUpdate& update, Date as_of, Date day,
                Verdict& verdict);
// Whether anything of what ran the day before goes on on this day.
bool RunsOn(const World& world, const Key& subscription, Date day);
// The latest expiration, as shown, of what has not ended by `as_of`.
std::optional<Date> ExpirationOf(const World& world, const Key& subscription, Date as_of);
// What of the update differs from what is.
TermsUpdate Differing(const World& world, const Key& subscription, TermsUpdate update, Date as_of);
bool HasEnd(const World& world, const License& license, Date expiration, std::optional<int> day);
// Months are compared as months: of what ends on the 31st, 28 Feb + 6 months is 31 August.
Date LimitOf(Date from, int months, int day);

// --- what follows from what ---
// All that was due by today, to whomever: state is a function of time, and not of who looked. Customers draw on the
// same pools, so there is one order for all: by day; of one day first what takes no units (renewals and ends), then
// changes; then by customer.
void ApplyDue(World& world);
// What ApplyDue would begin with: "a renewal", "an end", "a scheduled change".
std::set<std::string> DueNow(const World& world);
// What the history has told of coming ends is what the licenses show after a request: its own events tell that.
// `before` is the world before the request.
void TellWhatIsShown(const World& before, World& world);
// What a day to come will find, if only what is planned happens: all before it, and the changes of the day itself.
World LineUpTo(const World& world, const std::string& customer, Date day);
// Updates what has not ended by `as_of`.
void ApplyTerms(World& world, const Key& subscription, const TermsUpdate& update, Date as_of);
// Drops pending changes of a subscription; `impossible` only those that can't be any more.
enum class Drop { kAll, kImpossible };
void DropChanges(World& world, const Key& subscription, Drop which);
// Before their time, today.
void EndLicenses(World& world, const std::vector<Key>& licenses);
// Brings the pools to the licenses as they are now. False: one has too few units.
bool SettlePools(World& world);

}  // namespace lmp::random_test

#endif  // LMP_TESTS_RANDOM_MODEL_H_
