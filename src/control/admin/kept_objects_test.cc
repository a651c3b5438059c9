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
  KeptObjects kept_{database_, clock_};
};

TEST_F(KeptObjectsTest, AreMadeReplacedAndRemoved) {
  const std::vector<ObjectChange> first = {{ObjectKind::route, "a", "{}"},
                                           {ObjectKind::service, "a", "{}"}};
  const std::vector<ObjectChange> second = {{ObjectKind::route, "a", R"({"x":1})"},
                                            {ObjectKind::service, "a", std::nullopt}};

  ASSERT_TRUE(kept_.keep(first).ok());
  EXPECT_EQ(all(), "routes/a={} services/a={} ");
  ASSERT_TRUE(kept_.keep(second).ok());
  EXPECT_EQ(all(), R"(routes/a={"x":1} )");
}

TEST_F(KeptObjectsTest, OutliveTheProcess) {
  const std::vector<ObjectChange> change = {{ObjectKind::plugin, "p", "{}"}};
  ASSERT_TRUE(kept_.keep(change).ok());

  Database again = *open_control_database(folder_.path());

  EXPECT_EQ(KeptObjects(again, clock_).all()->at(0).name, "p");
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
