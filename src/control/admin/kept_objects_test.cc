// SPDX-License-Identifier: Apache-2.0
// Goal: what is kept comes back as it was, and changes of several objects are one change.
#include "control/admin/kept_objects.h"

#include <gtest/gtest.h>

#include "control/admin/control_database.h"
#include "control/admin/temporary_testing.h"

namespace mynah::control {
namespace {

class KeptObjectsTest : public testing::Test {
 protected:
  std::string all() {
    std::string text;
    const auto overlay = kept_.all();
    for (const KeptObject& object : *overlay) {
      text += std::string(plural_of(object.kind)) + "/" + object.name + "=" + object.json + " ";
    }
    return text;
  }

  TemporaryFolder folder_;
  SimulatedClock clock_;
  Database database_ = *open_control_database(folder_.path());
  AuditLog audit_{database_, clock_};
  KeptObjects kept_{database_, clock_, audit_};
  const Author author_{"anna", Principal::By::session, "192.0.2.1"};
};

TEST_F(KeptObjectsTest, AreMadeReplacedAndRemoved) {
  const std::vector<ObjectChange> first = {{ObjectKind::route, "a", "{}"},
                                           {ObjectKind::service, "a", "{}"}};
  const std::vector<ObjectChange> second = {{ObjectKind::route, "a", R"({"x":1})"},
                                            {ObjectKind::service, "a", std::nullopt}};

  ASSERT_TRUE(kept_.keep(first, author_).ok());
  EXPECT_EQ(all(), "routes/a={} services/a={} ");
  ASSERT_TRUE(kept_.keep(second, author_).ok());
  EXPECT_EQ(all(), R"(routes/a={"x":1} )");
}

TEST_F(KeptObjectsTest, ChangesStandInTheAuditLogWithoutSecrets) {
  clock_.advance(1s);
  const std::vector<ObjectChange> first = {{ObjectKind::plugin, "p", R"({"config":{"key":"s"}})"}};
  const std::vector<ObjectChange> second = {{ObjectKind::plugin, "p", std::nullopt}};
  ASSERT_TRUE(kept_.keep(first, author_).ok());
  ASSERT_TRUE(kept_.keep(second, author_).ok());

  const auto found = audit_.find({.author = "anna", .object = "plugins"});

  ASSERT_TRUE(found.ok());
  EXPECT_EQ(found->total, 2);
  const AuditLog::Entry& latest = found->entries.at(0);
  EXPECT_EQ(latest.action, "delete");
  EXPECT_EQ(latest.object, "plugins/p");
  EXPECT_EQ(latest.before, R"j({"config":{"key":"(hidden)"}})j");
  EXPECT_EQ(latest.after, "");
  EXPECT_EQ(latest.by, "session");
  EXPECT_EQ(latest.client_ip, "192.0.2.1");
  EXPECT_EQ(audit_.find({.object = "plug"})->total, 0);
  EXPECT_EQ(audit_.find({.author = "ben"})->total, 0);
  EXPECT_EQ(audit_.find({.offset = 1, .limit = 1})->entries.at(0).action, "put");
}

TEST_F(KeptObjectsTest, OutliveTheProcess) {
  const std::vector<ObjectChange> change = {{ObjectKind::plugin, "p", "{}"}};
  ASSERT_TRUE(kept_.keep(change, author_).ok());

  Database again = *open_control_database(folder_.path());

  EXPECT_EQ(KeptObjects(again, clock_, audit_).all()->at(0).name, "p");
}

TEST_F(KeptObjectsTest, AChangedOverlayIsInOrder) {
  const std::vector<ObjectChange> changes = {{ObjectKind::service, "b", "{}"},
                                             {ObjectKind::route, "z", std::nullopt},
                                             {ObjectKind::route, "a", "{}"}};

  const Overlay overlay = changed({{ObjectKind::route, "z", "{}"}}, changes);

  ASSERT_EQ(overlay.size(), 2U);
  EXPECT_EQ(overlay[0].name, "a");
  EXPECT_EQ(overlay[1].name, "b");
}

}  // namespace
}  // namespace mynah::control
