// A list as a value. A `Listing` has what is particular to a resource; filter, order, pages, read_time and read_mask
// are the same for all lists, and are here.
//
// A page is read along an index (storage/rows/access_paths.h), in chunks. An index does what it can for the filter; the
// rest of the filter is matched against the rendered resources, so that computed fields are fields as any other and the
// filter is about what the caller sees. A page looks at kMaxLookedAt rows at most: however seldom a filter matches, the
// call stays bounded.
#ifndef LMP_SERVER_RPCS_LIST_H_
#define LMP_SERVER_RPCS_LIST_H_

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "server/engine/catch_up.h"
#include "server/engine/history.h"
#include "server/rpcs/list_parts.h"
#include "server/rpcs/snapshot_read.h"
#include "server/wire/read_options.h"
#include "server/wire/resources.h"
#include "storage/list_queries.h"
#include "storage/model/world.h"
#include "storage/scoped_page.h"
#include "storage/status_macros.h"
#include "storage/world_store.h"

namespace lmp::rpcs {

inline constexpr int kMaxLookedAt = 10'000;
inline constexpr int kMaxChunk = 1000;
// A page also ends at this size, because clients accept 4 MiB unless told otherwise.
inline constexpr size_t kMaxPageBytes = 2 << 20;

// Columns, with the values that all rows must have because of the request's parent: {"customer_id", "acme"}.
using Selection = std::vector<std::pair<std::string, std::string>>;

template <class RequestType, class ResponseType, class RowType, class ResourceType>
struct Listing {
  using Request = RequestType;
  using Response = ResponseType;
  using Row = RowType;
  using Resource = ResourceType;

  std::vector<wire::IndexedField> find;    // fields by whose value an index finds rows
  std::vector<wire::IndexedField> orders;  // fields to order by, besides name
  std::string default_order = "name";
  // Says what is wrong with the request's own arguments, such as its parent, as far as that needs no database. Errors:
  // INVALID_ARGUMENT.
  absl::Status (*check)(const Request& request) = nullptr;
  // Returns the columns for a request that passed `check`; with a read_time, the parent is taken as it was then.
  // Errors: NOT_FOUND for the parent.
  absl::StatusOr<Selection> (*select)(const Reading& reading, const Request& request,
                                      std::optional<absl::Time> read_time) = nullptr;
  // Returns false for a resource that the request's own switches leave out.
  bool (*shows)(const Request& request, const Resource& resource) = nullptr;
};

// The footprint with which a reader would ask for the row, or for the row's parent.
template <class Row>
void AddToFootprint(const Row& row, model::Footprint& footprint) {
  const model::RowKey key = KeyOf(row);
  if constexpr (std::is_same_v<Row, model::Partner>) {
    footprint.partners.push_back(key.first);
  } else if constexpr (std::is_same_v<Row, model::Product>) {
    footprint.products.push_back(key.first);
  } else if constexpr (std::is_same_v<Row, model::ServicePlan>) {
    footprint.service_plans.push_back(key.first);
  } else if constexpr (std::is_same_v<Row, model::LicensePool>) {
    footprint.pools.push_back(key);
  } else if constexpr (std::is_same_v<Row, model::RegistrationKey>) {
    footprint.registration_keys.push_back(key.first);
  } else if constexpr (std::is_same_v<Row, model::ApiKey>) {
    footprint.api_keys.push_back(key.first);
  } else if (footprint.customers.empty() || footprint.customers.back() != key.first) {
    footprint.customers.push_back(key.first);
  }
}

// Loads what the footprint names, as it is now or as it was at `read_time`.
inline absl::StatusOr<model::World> LoadAsOf(const Reading& reading, const model::Footprint& footprint,
                                             std::optional<absl::Time> read_time) {
  if (read_time.has_value()) return engine::LoadWorldAt(reading.connection, reading.cache, footprint, *read_time);
  return storage::LoadWorld(reading.connection, footprint, storage::Locking::kNone, reading.cache);
}

// How many rows to look at next, after `looked_at` rows.
inline int NextChunk(int limit, int looked_at) { return std::min({kMaxChunk, 4 * limit, kMaxLookedAt - looked_at}); }

// Loads a world in which the rows can be rendered, as they are now or were at `read_time`.
template <class Row>
absl::StatusOr<model::World> WorldAround(const Reading& reading, absl::Span<const Row> rows,
                                         std::optional<absl::Time> read_time) {
  constexpr bool kOfCustomer = std::is_same_v<Row, model::Subscription> || std::is_same_v<Row, model::License> ||
                               std::is_same_v<Row, model::ScheduledChange>;
  constexpr bool kPool = std::is_same_v<Row, model::LicensePool>;
  if constexpr (kOfCustomer || kPool || std::is_same_v<Row, model::Customer>) {
    if (!read_time.has_value()) {  // only the page's rows, and not all rows of their customers
      model::World world;
      for (const Row& row : rows) model::OwnRowsOf<Row>(world).emplace(KeyOf(row), row);
      if constexpr (kOfCustomer) RETURN_IF_ERROR(storage::LoadAround(reading.connection, reading.cache, world));
      if constexpr (kOfCustomer || kPool) {
        RETURN_IF_ERROR(engine::CatchUp(reading.connection, reading.cache, reading.env.now, world));
      }
      return world;
    }
  }
  model::Footprint footprint;
  for (const Row& row : rows) AddToFootprint(row, footprint);
  return LoadAsOf(reading, footprint, read_time);
}

// What a request asks for. It is parsed before the call waits, so a wrong request never reaches the database.
template <class Listing>
struct ListArguments {
  typename Listing::Request request;
  wire::ReadOptions options;
  wire::ListOrder order;
  wire::Filter filter;
  wire::PageRequest page;

  // `listing` must outlive the arguments. Errors: INVALID_ARGUMENT.
  static absl::StatusOr<ListArguments> Parse(const Listing& listing, const wire::ServerContext& context,
                                             typename Listing::Request request) {
    using Resource = typename Listing::Resource;
    ListArguments arguments;
    wire::Fields fields;
    arguments.options = wire::ParseReadOptions(request, *Resource::descriptor(), fields);
    const std::string& order_by = request.order_by().empty() ? listing.default_order : request.order_by();
    arguments.order = wire::ParseOrderBy(order_by, listing.orders, fields);
    const wire::IndexedField* by = arguments.order.field;
    if (arguments.options.read_time.has_value() && by != nullptr &&
        by->changes != wire::IndexedField::Changes::kNever) {
      fields.Fail("order_by", "must be name with a read_time: the order of then is not kept");
    }
    absl::StatusOr<wire::Filter> filter = wire::Filter::Parse(*Resource::descriptor(), request.filter());
    const absl::StatusOr<wire::PageRequest> page = context.tokens.Parse(request);
    const absl::Status to_come = wire::CheckReadTime(arguments.options, context.now);
    const absl::Status own = listing.check == nullptr ? absl::OkStatus() : listing.check(request);
    // Comes last: if only the token is refused, the refusal has a reason of its own.
    absl::Status invalid = page.status();
    for (const absl::Status& other : {own, to_come, filter.status(), fields.status()})
      invalid = wire::BothInvalid(other, invalid);
    RETURN_IF_ERROR(invalid);
    arguments.request = std::move(request);
    arguments.filter = *std::move(filter);
    arguments.page = *page;
    return arguments;
  }
};

// Fills one page of a list.
template <class Listing>
class ListCall {
 public:
  using Row = typename Listing::Row;
  using Resource = typename Listing::Resource;

  ListCall(const Listing& listing, const Reading& reading, const ListArguments<Listing>& arguments)
      : listing_(listing),
        reading_(reading),
        arguments_(arguments),
        request_(arguments.request),
        options_(arguments.options),
        limit_(arguments.page.limit) {}

  // Errors: those of `select` and of the connection.
  absl::Status Run(typename Listing::Response* response) {
    RETURN_IF_ERROR(Prepare());
    if (matches_nothing_) return absl::OkStatus();
    items_ = Listing::Response::descriptor()->field(0);
    for (int looked_at = 0;;) {
      ASSIGN_OR_RETURN(const storage::RowPage<Row> chunk, storage::LoadScopedPage<Row>(reading_.connection, query_));
      ASSIGN_OR_RETURN(const bool whole, AddChunk(chunk.rows, response));
      if (!whole) {
        response->set_next_page_token(reading_.tokens.Next(request_, *query_.after));
        return absl::OkStatus();
      }
      if (!chunk.more) return absl::OkStatus();
      looked_at += static_cast<int>(chunk.rows.size());
      if (looked_at >= kMaxLookedAt || loaded_ >= kMaxRowsOfPage || IsFull(*response)) {
        response->set_next_page_token(reading_.tokens.Next(request_, *query_.after));
        return absl::OkStatus();
      }
      query_.limit = NextChunk(query_.limit, looked_at);
    }
  }

 private:
  // Adds what the chunk's rows show. Returns false if the page is to end before its last row.
  absl::StatusOr<bool> AddChunk(const std::vector<Row>& rows, typename Listing::Response* response) {
    ASSIGN_OR_RETURN(Parts<Row> parts, Parts<Row>::Of(reading_.connection, rows, options_.read_time.has_value()));
    for (absl::Span<const Row> part = parts.Next(); !part.empty(); part = parts.Next()) {
      ASSIGN_OR_RETURN(const model::World world, WorldAround(reading_, part, options_.read_time));
      for (const Row& stored : part) {
        Resource resource;
        if (Shows(world, stored, &resource) && !Add(std::move(resource), response)) return false;
        query_.after = storage::PositionOf(stored, query_.order_by);
      }
      if (loaded_ + parts.loaded() >= kMaxRowsOfPage && part.end() != rows.data() + rows.size()) return false;
    }
    loaded_ += parts.loaded();
    return true;
  }

  absl::Status Prepare() {
    if (options_.read_time.has_value()) {  // also if there is no row to load
      RETURN_IF_ERROR(engine::CheckKept(reading_.connection, *options_.read_time, "read_time"));
    }
    if (listing_.select != nullptr) {
      ASSIGN_OR_RETURN(query_.equals, listing_.select(reading_, request_, options_.read_time));
    }
    if (!BindToCustomer()) {
      matches_nothing_ = true;
      return absl::OkStatus();
    }
    const wire::ListOrder& order = arguments_.order;
    query_.limit = limit_;
    query_.after = arguments_.page.after;
    query_.partner_id = reading_.env.caller.partner_id;
    query_.descending = order.descending;
    // One customer is in any order, and found by its name alone.
    const bool is_one = std::is_same_v<Row, model::Customer> && !reading_.env.caller.customer_id.empty();
    if (order.field != nullptr && !is_one) query_.order_by = order.field->column;
    if (options_.read_time.has_value()) query_.created_by = *options_.read_time;
    // What time changes by itself is stored with a delay, and so are dates that a product's end of life moves forward:
    // as long as such a change is not stored, an index does not reflect it.
    const bool timely = order.field != nullptr && order.field->changes == wire::IndexedField::Changes::kWithTime;
    ASSIGN_OR_RETURN(const bool stale, timely ? storage::AnyDateStale(reading_.connection, reading_.env.today)
                                              : absl::StatusOr<bool>(false));
    matches_nothing_ = !wire::AddIndexed(
        arguments_.filter, listing_.find, order,
        [&](const wire::IndexedField& field) {
          if (field.changes == wire::IndexedField::Changes::kNever) return true;
          return !options_.read_time.has_value() &&
                 (field.changes == wire::IndexedField::Changes::kByMutations || !stale);
        },
        &query_);
    return absl::OkStatus();
  }

  // A caller that is bound to a customer sees the rows of this one. False: there is nothing of this kind that it sees.
  bool BindToCustomer() {
    const std::string& customer_id = reading_.env.caller.customer_id;
    if (customer_id.empty()) return true;
    if constexpr (requires(const Row& row) { std::string(row.customer_id); }) {
      for (const auto& [column, value] : query_.equals) {
        if (column == "customer_id") return true;  // it is the caller's own: `select` has looked
      }
      query_.equals.emplace_back("customer_id", customer_id);
      return true;
    }
    return false;
  }

  // Renders the row if there was one at the time, and if it is asked for.
  bool Shows(const model::World& world, const Row& stored, Resource* resource) const {
    const model::RowKey key = KeyOf(stored);
    const Row* row = Find(model::RowsOf<Row>(world), key.first, key.second);
    if (row == nullptr) return false;
    const model::Date today = options_.read_time.has_value()
                                  ? absl::ToCivilDay(*options_.read_time, absl::UTCTimeZone())
                                  : reading_.env.today;
    wire::ToProto(*row, {world, today, options_.read_time.value_or(reading_.env.now)}, resource);
    return (listing_.shows == nullptr || listing_.shows(request_, *resource)) && arguments_.filter.Matches(*resource);
  }

  // Returns false if the page is full already, which means that there are more.
  bool Add(Resource&& resource, typename Listing::Response* response) {
    if (IsFull(*response)) return false;
    auto* item = static_cast<Resource*>(response->GetReflection()->AddMessage(response, items_));
    item->Swap(&resource);
    options_.mask.ApplyToOne(item);
    bytes_ += item->ByteSizeLong();
    return true;
  }

  bool IsFull(const typename Listing::Response& response) const {
    return response.GetReflection()->FieldSize(response, items_) == limit_ || bytes_ >= kMaxPageBytes;
  }

  const Listing& listing_;
  const Reading& reading_;
  const ListArguments<Listing>& arguments_;
  const typename Listing::Request& request_;
  const wire::ReadOptions& options_;
  const int limit_;
  const google::protobuf::FieldDescriptor* items_ = nullptr;
  storage::PageQuery query_;
  bool matches_nothing_ = false;
  size_t bytes_ = 0;
  int64_t loaded_ = 0;  // rows of whole customers
};

template <class Listing>
struct ListRpc {
  const char* name;
  Needs needs;
  Listing list;

  operator Rpc() const {  // NOLINT: implicit, as the table is a list of Rpc
    using Request = typename Listing::Request;
    using Response = typename Listing::Response;
    Rpc rpc = RpcOf<Request, Response>(name, needs);
    rpc.read = [listing = std::make_shared<const Listing>(list)](
                   const google::protobuf::Message& message, storage::CatalogCache& cache,
                   const wire::ServerContext& context) -> absl::StatusOr<Read> {
      ASSIGN_OR_RETURN(ListArguments<Listing> parsed,
                       ListArguments<Listing>::Parse(*listing, context, static_cast<const Request&>(message)));
      // The arguments are shared because a std::function copies what it holds.
      const auto arguments = std::make_shared<const ListArguments<Listing>>(std::move(parsed));
      return SnapshotRead<Response>(cache, context.tokens,
                                    [listing, arguments](const Reading& reading, Response* response) {
                                      return ListCall<Listing>(*listing, reading, *arguments).Run(response);
                                    });
    };
    return rpc;
  }
};

}  // namespace lmp::rpcs

#endif  // LMP_SERVER_RPCS_LIST_H_
