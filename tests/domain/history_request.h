// What a line of a history asks for, in pieces: "update monthly, 20 units, from 2026-06-01".
#ifndef LMP_TESTS_DOMAIN_HISTORY_REQUEST_H_
#define LMP_TESTS_DOMAIN_HISTORY_REQUEST_H_

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "server/domain/subscription/crossgrade.h"
#include "storage/model/row.h"

namespace lmp::domain {

struct Request {
  std::string object;           // the word after the verb, may be empty
  std::set<std::string> given;  // which settings there are, by the name that stands behind each here

  std::optional<int> units;              // units: "20 units"
  std::map<std::string, int> units_of;   // units: "20 units of PRODUCT"
  std::optional<Date> from;              // from: "from DATE"
  std::optional<Date> until;             // until: "until DATE"
  std::string together;                  // until: "together with NAME"
  std::optional<int> months;             // months: "for 6 months"
  std::optional<bool> renews;            // renews: "renews", "no renewal", "renews 6"
  std::optional<int> renewal_term;       // renews: "renews 6", "renewal term 6" (and nothing said of on or off)
  std::optional<int> notice;             // notice: "notice 7"
  std::optional<int> minimum;            // minimum: "minimum 10"
  std::string name;                      // as: "as NAME"
  std::string to;                        // to: "to NAME"
  std::vector<std::string> add, remove;  // components: "add PRODUCT", "remove PRODUCT"
  CrossgradeChoice crossgrade;           // crossgrade: "crossgrade automatic", "transfer PRODUCT", "new PRODUCT"
  bool force = false;                    // force: "by force"
};

// Reads one phrase into the request; false if it can't be read or was said before.
bool ReadSetting(const std::string& phrase, Request& request);

}  // namespace lmp::domain

#endif  // LMP_TESTS_DOMAIN_HISTORY_REQUEST_H_
