//! Tests of the reader, with documents in the forms that Terraform writes.

mod azapi;
mod circuits;
mod details;
mod forms;
mod gateways;
mod hub_spoke;
mod left;
mod load_balancers;
mod modules;
mod mutations;
mod names;
mod others;
mod outline;
mod plans;
mod wan;
