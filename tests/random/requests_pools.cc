// Random requests about pools and registration keys.
#include "absl/strings/str_cat.h"
#include "tests/random/requests.h"

namespace lmp::random_test {
namespace {

std::string SomePool(Dice& dice, const World& world) {
  // Few products, so that their pools are short of units now and then.
  static const auto& products =
      *new std::vector<std::string>{"cloud-app-security", "worry-free-services-advanced", "endpoint-encryption"};
  const std::string product = dice.OneIn(10) ? IdsOf(SomeProduct(dice, world)).first : dice.Pick(products);
  return absl::StrCat(dice.OneIn(10) ? SomePartner(dice, world) : "partners/msp-one", "/licensePools/", product);
}

std::string SomeKey(Dice& dice, const World& world) {
  std::vector<std::string> all, issued;
  for (const auto& [id, key] : world.keys) {
    all.push_back(id);
    if (key.state == "ISSUED" && (world.today() < key.expires || dice.OneIn(10))) issued.push_back(id);
  }
  const std::vector<std::string>& ids = dice.OneIn(12) ? all : issued;
  return absl::StrCat("registrationKeys/", ids.empty() || dice.OneIn(40) ? "nothing" : dice.Pick(ids));
}

}  // namespace

v1::UpdateLicensePoolRequest RandomUpdatePool(Dice& dice, const World& world) {
  v1::UpdateLicensePoolRequest request;
  request.mutable_license_pool()->set_name(SomePool(dice, world));
  request.mutable_license_pool()->set_minimum_units(dice.OneIn(2) ? 0 : dice.Between(1, 15));
  request.mutable_update_mask()->add_paths("minimum_units");
  return request;
}

v1::AddLicensePoolUnitsRequest RandomAddUnits(Dice& dice, const World& world) {
  v1::AddLicensePoolUnitsRequest request;
  request.set_name(SomePool(dice, world));
  request.set_units(dice.Between(0, 8));
  return request;
}

v1::CreateRegistrationKeyRequest RandomCreateKey(Dice& dice, const World& world) {
  v1::CreateRegistrationKeyRequest request;
  v1::RegistrationKey* key = request.mutable_registration_key();
  key->set_service_plan(SomePlan(dice, world));
  const auto plan = world.plans.find(IdsOf(key->service_plan()).first);
  if (plan == world.plans.end()) return request;
  for (const std::string& product : plan->second.components) {
    if (plan->second.terms.nfr || dice.OneIn(40)) continue;
    v1::LicenseUnits* units = key->add_units();
    units->set_product(absl::StrCat("products/", product));
    units->set_units(dice.Between(4, 15));
  }
  if (dice.OneIn(3)) {
    const Date day = world.today() + dice.Between(0, 120);
    key->mutable_expire_date()->set_year(static_cast<int>(day.year()));
    key->mutable_expire_date()->set_month(day.month());
    key->mutable_expire_date()->set_day(day.day());
  }
  return request;
}

v1::UpdateRegistrationKeyRequest RandomUpdateKey(Dice& dice, const World& world) {
  v1::UpdateRegistrationKeyRequest request;
  request.mutable_update_mask()->add_paths("units");
  v1::RegistrationKey* key = request.mutable_registration_key();
  key->set_name(SomeKey(dice, world));
  const auto found = world.keys.find(IdsOf(key->name()).first);
  if (found == world.keys.end()) return request;
  for (const std::string& product : world.plans.at(found->second.plan).components) {
    v1::LicenseUnits* entry = key->add_units();
    entry->set_product("products/" + product);
    entry->set_units(dice.Between(1, 40));
  }
  return request;
}

v1::VoidRegistrationKeyRequest RandomVoidKey(Dice& dice, const World& world) {
  v1::VoidRegistrationKeyRequest request;
  request.set_name(SomeKey(dice, world));
  return request;
}

v1::RedeemRegistrationKeyRequest RandomRedeemKey(Dice& dice, const World& world) {
  v1::RedeemRegistrationKeyRequest request;
  request.set_name(SomeKey(dice, world));
  request.set_customer(SomeCustomer(dice, world));
  const auto key = world.keys.find(IdsOf(request.name()).first);
  for (int tries = 0; tries < 8 && key != world.keys.end(); ++tries) {  // rather one of the key's partner
    const auto customer = world.customers.find(IdsOf(request.customer()).first);
    if (customer != world.customers.end() && customer->second.partner == key->second.partner) break;
    request.set_customer(SomeCustomer(dice, world));
  }
  if (!dice.OneIn(3)) request.mutable_crossgrade()->set_mode(v1::Crossgrade::AUTOMATIC);
  return request;
}

}  // namespace lmp::random_test
