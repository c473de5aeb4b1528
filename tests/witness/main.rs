//! An independent witness for the solver's BGP: the same sessions and policies, written for BIRD, a routing daemon
//! independent of this program. After convergence both tables must be the same: the accepted routes of each speaker,
//! with neighbour, path, weight and preference, and its best paths. This is tested for every shipped lab, and for
//! random labs.
//!
//! `BGP_WITNESS_LABS` is the number of random labs (default 20), and `BGP_WITNESS_SEED` the first one's seed (default
//! 1). Without root and BIRD the tests that run it fail.

mod altered;
mod bird;
mod configuration;
mod contest;
mod dice;
mod filters;
mod made;
mod policies;
mod random;
mod running;
mod shipped;
mod speakers;
mod table;
