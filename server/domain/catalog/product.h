// Products and suites: what a vendor licenses.
#ifndef LMP_SERVER_DOMAIN_CATALOG_PRODUCT_H_
#define LMP_SERVER_DOMAIN_CATALOG_PRODUCT_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "server/domain/env.h"
#include "server/domain/patch.h"
#include "server/domain/refusal.h"
#include "storage/model/world.h"

namespace lmp::domain {

// What is wrong with the fields that a caller sets; the paths are those of lmp.v1.Product.
std::vector<FieldViolation> ProductViolations(const model::Product& product);

struct CreateProductCommand {
  model::Product product;  // with its id

  model::Footprint footprint() const;
};

// Returns the product's id. Errors: PRODUCT_EXISTS; PRODUCT_NOT_FOUND (a component); INVALID_ARGUMENT.
absl::StatusOr<std::string> CreateProduct(model::World& world, const CreateProductCommand& command, const Env& env);

struct UpdateProductCommand {
  std::string product_id;
  std::string etag;
  Patch<model::Product> patch;

  model::Footprint footprint() const { return {.changes_catalog = true, .products = {product_id}}; }
};

// Returns the product's id. Licenses keep the units they have, even if a new range excludes them. Errors:
// PRODUCT_NOT_FOUND; ETAG_MISMATCH; PRODUCT_END_OF_LIFE; INVALID_ARGUMENT (also for an attempt to change what can't be
// changed).
absl::StatusOr<std::string> UpdateProduct(model::World& world, const UpdateProductCommand& command, const Env& env);

}  // namespace lmp::domain

#endif  // LMP_SERVER_DOMAIN_CATALOG_PRODUCT_H_
