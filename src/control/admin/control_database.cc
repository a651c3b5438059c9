// SPDX-License-Identifier: Apache-2.0
// The forms that the tables have had. Times are whole seconds since 1970.
#include "control/admin/control_database.h"

#include <array>

#include "base/text.h"

namespace mynah::control {

namespace {

// Steps are never changed once a version that has them is out: a new one is added.
constexpr std::array<const char*, 3> kSteps = {R"(
create table users (
  name text primary key, password text not null, role text not null, created integer not null
) strict, without rowid;
create table sessions (
  hash text primary key, user text not null references users (name) on delete cascade,
  expires integer not null
) strict, without rowid;
create index sessions_by_expiry on sessions (expires);
create table tokens (
  hash text primary key, name text not null unique, role text not null, created integer not null,
  expires integer
) strict, without rowid;
)",
                                               R"(
create table objects (
  kind text not null, name text not null, json text not null, changed integer not null,
  primary key (kind, name)
) strict, without rowid;
)",
                                               // A token belongs to a user and goes with it.
                                               R"(
create table audit (
  id integer primary key autoincrement, at integer not null, author text not null,
  by text not null, client_ip text not null, action text not null, object text not null,
  before text not null, after text not null
) strict;
alter table users add column manages integer not null default 0;
create table tokens_of_users (
  hash text primary key, name text not null unique,
  user text not null references users (name) on delete cascade, scope text not null,
  created integer not null, expires integer not null
) strict, without rowid;
insert into tokens_of_users
  select hash, name, 'admin', case role when 'owner' then 'write' else 'read' end, created, expires
  from tokens where exists (select 1 from users where name = 'admin');
drop table tokens;
alter table tokens_of_users rename to tokens;
)"};

}  // namespace

Result<Database> open_control_database(const std::string& folder) {
  MYNAH_LET(Database database, Database::open(cat(folder, "/control.db")));
  MYNAH_OK(database.migrate(kSteps));
  return database;
}

}  // namespace mynah::control
