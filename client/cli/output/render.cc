#include "client/cli/output/render.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "client/cli/contract/field_value.h"
#include "client/cli/output/advisories.h"
#include "client/cli/output/change_text.h"
#include "client/cli/output/columns.h"
#include "client/cli/output/field_text.h"
#include "client/cli/output/table.h"

namespace lmp::cli {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

template <typename Items>
void WriteTable(const std::vector<Column>& columns, const Items& items, const Layout& layout, std::ostream& out) {
  std::vector<Table::Title> titles;
  for (const Column& column : columns) titles.push_back(column.title);
  Table table = Table::WithTitles(std::move(titles));
  for (const auto& item : items) {
    std::vector<std::string> row;
    for (const Column& column : columns) row.push_back(CellText(*item, column));
    table.Add(std::move(row));
  }
  table.Write(out, "", layout.width);
}

bool IsChange(const FieldDescriptor& field) {
  return field.message_type() != nullptr && field.message_type() == v1::Change::descriptor();
}

bool IsTable(const FieldDescriptor& field) {
  return field.is_repeated() && !field.is_map() && field.message_type() != nullptr &&
         !ColumnsOf(*field.message_type()).empty();
}

bool IsMessage(const FieldDescriptor& field) {
  return !field.is_repeated() && field.message_type() != nullptr && !IsValue(*field.message_type());
}

// True for fields that are shown below the lines, in ways of their own.
bool IsSection(const FieldDescriptor& field) {
  if (IsChange(field) || IsAdvisories(field) || IsTable(field)) return true;
  if (field.name() == "preview_token") return true;  // only for programs: -o json shows it
  return IsMessage(field) && !ColumnsOf(*field.message_type()).empty();
}

// Adds the fields with one value, those of nested messages included.
void AddLines(const Message& message, absl::string_view prefix, Table& table) {
  for (int i = 0; i < message.GetDescriptor()->field_count(); ++i) {
    const FieldDescriptor& field = *message.GetDescriptor()->field(i);
    const std::string name = absl::StrCat(prefix, field.name());
    if (IsSection(field)) continue;
    if (IsMessage(field)) {
      if (message.GetReflection()->HasField(message, &field)) {
        AddLines(message.GetReflection()->GetMessage(message, &field), absl::StrCat(name, "."), table);
      }
    } else if (std::string text = FieldText(message, field); !text.empty()) {
      table.Add({name, std::move(text)});
    }
  }
}

std::vector<const Message*> Items(const Message& message, const FieldDescriptor& field) {
  std::vector<const Message*> items;
  for (int i = 0; i < message.GetReflection()->FieldSize(message, &field); ++i) {
    items.push_back(&message.GetReflection()->GetRepeatedMessage(message, &field, i));
  }
  return items;
}

void WriteChanges(const Message& message, const FieldDescriptor& field, const Layout& layout, std::ostream& out) {
  const std::vector<const Message*> changes = Items(message, field);
  if (changes.empty()) return;
  out << "\nchanges:\n";
  for (const Message* change : changes) {
    RenderChange(*google::protobuf::DynamicCastToGenerated<v1::Change>(change), out, layout.width);
  }
}

void WriteSection(const Message& message, const FieldDescriptor& field, const Layout& layout, std::ostream& out) {
  const Reflection& reflection = *message.GetReflection();
  if (IsChange(field)) {
    if (field.is_repeated()) WriteChanges(message, field, layout, out);
  } else if (IsAdvisories(field)) {
    RenderAdvisories(message, out);
  } else if (IsTable(field)) {
    if (reflection.FieldSize(message, &field) == 0) return;
    out << "\n" << absl::StrReplaceAll(field.name(), {{"_", " "}}) << ":\n";
    WriteTable(ColumnsOf(*field.message_type()), Items(message, field), layout, out);
  } else if (IsMessage(field) && IsSection(field) && reflection.HasField(message, &field)) {
    RenderDetails(reflection.GetMessage(message, &field), {.width = layout.width}, out);
  }
}

// Writes the fields that a mask asked for, one a line.
void WriteMasked(const Message& message, const std::vector<Column>& columns, std::ostream& out) {
  Table table;
  for (const Column& column : columns) table.Add({column.path, PathText(message, column.path)});
  table.Write(out);
}

}  // namespace

void RenderDetails(const Message& message, const Layout& layout, std::ostream& out) {
  if (const auto* event = google::protobuf::DynamicCastToGenerated<v1::Event>(&message)) {
    if (layout.mask.paths_size() == 0) return RenderEvent(*event, out, layout.width);
  }
  if (layout.mask.paths_size() > 0) {
    return WriteMasked(message, AllColumnsOf(*message.GetDescriptor(), layout.mask), out);
  }
  Table table;
  AddLines(message, "", table);
  table.Write(out);
  for (int i = 0; i < message.GetDescriptor()->field_count(); ++i) {
    WriteSection(message, *message.GetDescriptor()->field(i), layout, out);
  }
}

void RenderList(const Descriptor& type, const MessageList& items, const Layout& layout, std::ostream& out) {
  if (&type != v1::Event::descriptor() || layout.mask.paths_size() > 0) {
    return WriteTable(ColumnsOf(type, layout.mask), items, layout, out);
  }
  for (const auto& item : items) {
    RenderEvent(*google::protobuf::DynamicCastToGenerated<v1::Event>(item.get()), out, layout.width);
  }
}

}  // namespace lmp::cli
