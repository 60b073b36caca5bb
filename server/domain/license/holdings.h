// What a customer has and had, so that many plans can be judged without going through all its licenses for each.
#ifndef LMP_SERVER_DOMAIN_LICENSE_HOLDINGS_H_
#define LMP_SERVER_DOMAIN_LICENSE_HOLDINGS_H_

#include <map>
#include <string>
#include <vector>

#include "storage/model/world.h"

namespace lmp::domain {

using Licenses = std::vector<const model::License*>;

// The levels of a product family count as one thing, and a product without a family as one of its own: two products are
// the same thing if this is equal.
std::string ThingOf(const model::Catalog& catalog, const std::string& product_id);

// All licenses of the customer, by name.
Licenses LicensesOf(const model::World& world, const std::string& customer_id);

// A customer's licenses by what they are of. Of those that have ended it knows only which decide what the customer may
// get on trial (trial_history.h): one in full of each product, and the trial that began last.
class Holdings final {
 public:
  // `world` must outlive this, and keep its licenses and its catalog.
  Holdings(const model::World& world, const std::string& customer_id);

  // Those of these products, and of other levels of their families, by name.
  Licenses Of(const std::vector<std::string>& products) const;

 private:
  const model::Catalog& catalog_;
  std::map<std::string, Licenses> by_thing_;
};

}  // namespace lmp::domain

#endif  // LMP_SERVER_DOMAIN_LICENSE_HOLDINGS_H_
