//! An independent witness for the solver's BGP: the same sessions and policies, written out for BIRD,
//! a routing daemon that knows nothing of this program. After convergence the tables of both must be
//! the same: who accepted which route from whom, with which path, weight and preference, and which one
//! each speaker calls the best. So it is for every shipped lab, and for labs that chance made.
//!
//! `BGP_WITNESS_LABS` says how many of the latter (20 where unset), and `BGP_WITNESS_SEED` the seed of
//! the first one (1 where unset). Without root and BIRD the tests that run it fail.

mod altered;
mod bird;
mod configuration;
mod contest;
mod dice;
mod filters;
mod made;
mod random;
mod running;
mod shipped;
mod speakers;
mod table;
