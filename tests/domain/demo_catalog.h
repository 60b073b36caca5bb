// The catalog that all examples share, read from vectors/catalog.txt (which says what its lines mean).
#ifndef LMP_TESTS_DOMAIN_DEMO_CATALOG_H_
#define LMP_TESTS_DOMAIN_DEMO_CATALOG_H_

#include <memory>
#include <string>
#include <vector>

#include "storage/model/world.h"
#include "tests/domain/vector_file.h"

namespace lmp::domain {

struct DemoCatalog {
  std::shared_ptr<const model::Catalog> catalog;
  std::vector<std::string> problems;  // lines that could not be read; empty in a healthy tree
};

// Read once.
const DemoCatalog& TheDemoCatalog();

// Reads one line of such a catalog into it ("plan NAME: partner P, product P, …"); returns what is wrong with it.
std::vector<std::string> ReadCatalogLine(const Line& line, model::Catalog& catalog);

// Reads "40 of 100 assigned, minimum 10"; false if it can't be read.
bool ReadPoolLine(const std::string& value, model::LicensePool& pool);

// A license of a product as ours make it: unit, kind and activation code (of software) follow from the product.
model::License MakeLicense(const model::Catalog& catalog, const std::string& customer_id, const std::string& id,
                           const std::string& product_id);

}  // namespace lmp::domain

#endif  // LMP_TESTS_DOMAIN_DEMO_CATALOG_H_
