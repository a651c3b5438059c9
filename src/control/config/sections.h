// SPDX-License-Identifier: Apache-2.0
// The sections of a configuration file: what each struct of the model looks like in it.
#pragma once

#include "control/config/section.h"
#include "gateway/model.h"

namespace mynah::control {

const Section<model::Config>& config_section();

const Section<model::Gateway>& gateway_section();
const Section<model::ListenerTls>& listener_tls_section();
const Section<model::CertificateFiles>& certificate_section();
const Section<model::Service>& service_section();
const Section<model::Route>& route_section();
const Section<model::Plugin>& plugin_section();

}  // namespace mynah::control
