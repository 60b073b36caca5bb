#include "tests/domain/demo_catalog.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "server/domain/catalog/plan_state.h"
#include "tests/domain/vector_file.h"

namespace lmp::domain {
namespace {

// Sets `target` if the text is a value of its enum.
template <class Enum>
bool SetEnum(const std::string& text, Enum& target) {
  const auto value = model::ParseEnum<Enum>(text);
  if (value.has_value()) target = *value;
  return value.has_value();
}

bool SetNumber(const std::string& text, int& target) {
  const auto value = ParseNumber(text);
  if (value.has_value()) target = *value;
  return value.has_value();
}

bool ReadPartnerPhrase(const std::vector<std::string>& words, model::Partner& partner) {
  if (words.size() == 1) return SetEnum(words[0], partner.tier);
  if (words.size() != 2 || words[0] != "below") return false;
  partner.parent_id = words[1];
  return true;
}

bool ReadProductPhrase(const std::vector<std::string>& words, model::Product& product) {
  if (words.size() == 1 && words[0] == "NFR") return product.nfr_allowed = true;
  if (words.size() == 1) return SetEnum(words[0], product.kind) || SetEnum(words[0], product.unit);
  if (words.size() == 4 && words[1] == "to" && words[3] == "units") {
    return SetNumber(words[0], product.min_units) && SetNumber(words[2], product.max_units);
  }
  if (words[0] == "of") {
    product.components.assign(words.begin() + 1, words.end());
    return true;
  }
  if (words.size() == 4 && words[0] == "level" && words[2] == "of") {
    product.family = words[3];
    return SetNumber(words[1], product.level);
  }
  return false;
}

bool ReadPlanPhrase(const std::vector<std::string>& words, model::ServicePlan& plan) {
  model::PlanTerms& terms = plan.terms;
  if (words.size() == 1 && words[0] == "NFR") return terms.nfr = true;
  if (words.size() == 1) return SetEnum(words[0], terms.version) || SetEnum(words[0], terms.activation_policy);
  if (words.size() != 2) return false;
  if (words[0] == "partner") plan.partner_id = words[1];
  if (words[0] == "product") plan.product_id = words[1];
  if (words[0] == "partner" || words[0] == "product") return true;
  if (words[1] == "months") return SetNumber(words[0], terms.initial_term_months);
  if (words[0] == "grace") return SetNumber(words[1], terms.grace_period_days);
  if (words[0] == "notice") return SetNumber(words[1], terms.expiration_notice_days);
  if (words[0] == "renews") return terms.auto_renewal = SetNumber(words[1], terms.renewal_term_months);
  return false;
}

template <class Row, class ReadPhrase>
void ReadPhrases(const Line& line, Row& row, ReadPhrase read, std::vector<std::string>& problems) {
  for (const std::string& phrase : Phrases(line.value)) {
    if (!read(Words(phrase), row)) problems.push_back(absl::StrCat(line.where, ": what is \"", phrase, "\"?"));
  }
}

void ReadLine(const Line& line, model::Catalog& catalog, std::vector<std::string>& problems) {
  const std::vector<std::string> key = Words(line.key);
  if (key.size() == 2 && key[0] == "partner") {
    model::Partner partner{.partner_id = key[1], .display_name = key[1]};
    ReadPhrases(line, partner, ReadPartnerPhrase, problems);
    catalog.partners[KeyOf(partner)] = partner;
  } else if (key.size() == 2 && key[0] == "product") {
    model::Product product{.product_id = key[1], .display_name = key[1]};
    ReadPhrases(line, product, ReadProductPhrase, problems);
    product.components = product.kind == model::ProductKind::kSuite ? CompositionOf(product) : product.components;
    catalog.products[KeyOf(product)] = product;
  } else if (key.size() == 2 && key[0] == "plan") {
    model::ServicePlan plan{.service_plan_id = key[1], .display_name = key[1]};
    ReadPhrases(line, plan, ReadPlanPhrase, problems);
    const model::Product* product = Find(catalog.products, plan.product_id);
    if (product == nullptr || Find(catalog.partners, plan.partner_id) == nullptr) {
      problems.push_back(absl::StrCat(line.where, ": names a partner or product that is not above"));
    } else {
      plan.components = CompositionOf(*product);
    }
    catalog.service_plans[KeyOf(plan)] = plan;
  } else {
    problems.push_back(absl::StrCat(line.where, ": what is \"", line.key, "\"?"));
  }
}

}  // namespace

const DemoCatalog& TheDemoCatalog() {
  static const auto& demo = *new DemoCatalog([] {
    VectorFile file = ReadVectorFile("catalog.txt");
    auto catalog = std::make_shared<model::Catalog>();
    for (const Line& line : file.lines) ReadLine(line, *catalog, file.problems);
    return DemoCatalog{.catalog = std::move(catalog), .problems = std::move(file.problems)};
  }());
  return demo;
}

std::vector<std::string> ReadCatalogLine(const Line& line, model::Catalog& catalog) {
  std::vector<std::string> problems;
  ReadLine(line, catalog, problems);
  return problems;
}

bool ReadPoolLine(const std::string& value, model::LicensePool& pool) {
  for (const std::string& phrase : Phrases(value)) {
    const std::vector<std::string> words = Words(phrase);
    if (words.size() == 4 && words[1] == "of" && words[3] == "assigned") {
      if (!SetNumber(words[0], pool.assigned) || !SetNumber(words[2], pool.total)) return false;
    } else if (words.size() != 2 || words[0] != "minimum" || !SetNumber(words[1], pool.minimum)) {
      return false;
    }
  }
  return pool.total > 0;
}

model::License MakeLicense(const model::Catalog& catalog, const std::string& customer_id, const std::string& id,
                           const std::string& product_id) {
  model::License license{.customer_id = customer_id, .license_id = id, .product_id = product_id};
  if (const model::Product* product = Find(catalog.products, product_id)) {
    license.product_kind = product->kind;
    license.unit = product->unit;
  }
  if (license.product_kind == model::ProductKind::kSoftware) license.activation_code = absl::StrCat("LM-OLD-", id);
  license.stamp.revision = 3;
  return license;
}

}  // namespace lmp::domain
