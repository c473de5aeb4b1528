//! The numbered rules of the semantics document, each with the smallest lab that shows it.

mod s10_appliances;
mod s15_switches;
mod s1_system_routes;
mod s23_endpoints;
mod s27_instances;
mod s2_selection;
mod s30_far_ends;
mod s30_gateways;
mod s3_user_routes;
mod s4_peering;
mod s5_vpn_gateways;
mod s6_express_route;
mod s7_coexistence;
mod s7_private_tunnels;

use super::{Solved, lab, resolved};
