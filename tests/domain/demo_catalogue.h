// The catalogue that all examples share, read from vectors/catalogue.txt (which says what its lines mean).
#ifndef LMP_TESTS_DOMAIN_DEMO_CATALOGUE_H_
#define LMP_TESTS_DOMAIN_DEMO_CATALOGUE_H_

#include <memory>
#include <string>
#include <vector>

#include "storage/model/world.h"
#include "tests/domain/vector_file.h"

namespace lmp::domain {

struct DemoCatalogue {
  std::shared_ptr<const model::Catalogue> catalogue;
  std::vector<std::string> problems;  // lines that could not be read; empty in a healthy tree
};

// Read once.
const DemoCatalogue& TheDemoCatalogue();

// Reads one line of such a catalogue into it ("plan NAME: partner P, product P, …"); returns what is wrong with it.
std::vector<std::string> ReadCatalogueLine(const Line& line, model::Catalogue& catalogue);

// Reads "40 of 100 assigned, minimum 10"; false if it can't be read.
bool ReadPoolLine(const std::string& value, model::LicensePool& pool);

// A licence of a product as ours make it: unit, kind and activation code (of software) follow from the product.
model::License MakeLicense(const model::Catalogue& catalogue, const std::string& customer_id, const std::string& id,
                           const std::string& product_id);

}  // namespace lmp::domain

#endif  // LMP_TESTS_DOMAIN_DEMO_CATALOGUE_H_
