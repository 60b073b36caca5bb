#include "server/domain/catalog/product.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "server/domain/lookup.h"
#include "server/domain/reasons.h"
#include "storage/status_macros.h"

namespace lmp::domain {
namespace {

constexpr int kMaxUnits = 999'999;
constexpr size_t kMinComponents = 2;
constexpr size_t kMaxComponents = 20;

void CheckComponents(const std::vector<std::string>& components, FieldChecks& checks) {
  checks.Require(components.size() >= kMinComponents && components.size() <= kMaxComponents, "components",
                 absl::StrCat("must name ", kMinComponents, " to ", kMaxComponents, " products"));
  std::vector<std::string> sorted = components;
  std::sort(sorted.begin(), sorted.end());
  checks.Require(std::adjacent_find(sorted.begin(), sorted.end()) == sorted.end(), "components",
                 "must not name a product twice");
}

// Refuses a caller that is bound to a partner: it may not change the vendor's catalog.
absl::Status CheckUnbound(const Caller& caller, const std::string& product_id) {
  if (MayChange(caller, "")) return absl::OkStatus();
  return NotFound(reason::kProductNotFound, ProductName(product_id));
}

}  // namespace

std::vector<FieldViolation> ProductViolations(const model::Product& product) {
  FieldChecks checks;
  checks.Text("display_name", product.display_name, 1, 150);
  checks.Require(product.kind != model::ProductKind::kUnspecified, "kind", "is required");
  const bool suite = product.kind == model::ProductKind::kSuite;
  if (suite) {
    checks.Require(product.unit == model::ProductUnit::kUnspecified, "unit", "must be unset for a SUITE");
    CheckComponents(product.components, checks);
  } else {
    checks.Require(product.unit != model::ProductUnit::kUnspecified, "unit", "is required");
    checks.Require(product.components.empty(), "components", "must be empty unless the product is a SUITE");
  }
  checks.Range("min_units", product.min_units, 1, kMaxUnits);
  checks.Range("max_units", product.max_units, 1, kMaxUnits);
  checks.Require(product.min_units <= product.max_units, "max_units", "must not be less than min_units");
  checks.Text("family", product.family, 0, 64);
  checks.Range("level", product.level, 0, 100);
  return checks.Take();
}

model::Footprint CreateProductCommand::footprint() const {
  model::Footprint footprint{.products = product.components};
  footprint.products.push_back(product.product_id);
  return footprint;
}

absl::StatusOr<std::string> CreateProduct(model::World& world, const CreateProductCommand& command, const Env& env) {
  const model::Product& product = command.product;
  RETURN_IF_ERROR(CheckUnbound(env.caller, product.product_id));
  RETURN_IF_ERROR(InvalidFields(ProductViolations(product), "product."));
  const std::string name = ProductName(product.product_id);
  if (Find(world.catalog->products, product.product_id) != nullptr) {
    return AlreadyExists(reason::kProductExists, name, absl::StrCat(name, " can't be had: choose another id"));
  }
  for (const std::string& id : product.components) {
    ASSIGN_OR_RETURN(const model::Product* component, FindProduct(world, id));
    if (component->kind == model::ProductKind::kSuite) {
      return InvalidFields({{"product.components", absl::StrCat(ProductName(id), " is itself a SUITE")}});
    }
  }
  world.MutableCatalog().products[{product.product_id, ""}] = product;
  return product.product_id;
}

absl::StatusOr<std::string> UpdateProduct(model::World& world, const UpdateProductCommand& command, const Env& env) {
  RETURN_IF_ERROR(CheckUnbound(env.caller, command.product_id));
  ASSIGN_OR_RETURN(const model::Product* product, FindProduct(world, command.product_id));
  const std::string name = ProductName(command.product_id);
  RETURN_IF_ERROR(CheckEtag(command.etag, EtagOf(product->stamp), name));
  FieldChecks fixed;
  const model::Product& values = command.patch.values;
  fixed.Require(values.kind == model::ProductKind::kUnspecified || values.kind == product->kind, "product.kind",
                "can't be changed");
  fixed.Require(values.unit == model::ProductUnit::kUnspecified || values.unit == product->unit, "product.unit",
                "can't be changed");
  fixed.Require(values.components.empty() || values.components == product->components, "product.components",
                "can't be changed by an update");
  RETURN_IF_ERROR(InvalidFields(fixed.Take()));
  model::Product updated = *product;
  ApplyPatch(command.patch, updated);
  if (updated == *product) return command.product_id;
  if (product->lifecycle == model::Lifecycle::kEndOfLife) {
    return Precondition(reason::kProductEndOfLife, name, absl::StrCat(name, " has reached its end of life"));
  }
  RETURN_IF_ERROR(InvalidFields(Brought(*product, updated, ProductViolations), "product."));
  world.MutableCatalog().products[{command.product_id, ""}] = std::move(updated);
  return command.product_id;
}

}  // namespace lmp::domain
