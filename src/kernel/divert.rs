//! Impairments of a lab that stands: queues that are replaced, and packets that are led through a
//! process where the kernel has no queue for what is asked.
//!
//! A TAP that a process holds takes the place of the wire between two interfaces, in either's namespace:
//! what is about to leave by the interface leaves by the TAP instead, and what the process hands the TAP
//! arrives by the interface. The interface itself stays as it is, with its addresses and routes.

use nix::errno::Errno;

use crate::kernel::failure::{EMULATOR, Failure, INTERFACES, Needed, REDIRECTION, TOKEN_BUCKET};
use crate::kernel::limit;
use crate::kernel::live::Live;
use crate::kernel::message;
use crate::kernel::observe;
use crate::kernel::queues;
use crate::kernel::quiet;
use crate::kernel::rtnl::Request;
use crate::kernel::tc::{self, Side};
use crate::names::IfName;
use crate::plan::Device;
use crate::units::Impairment;

/// Where a diversion stands among an interface's filters: before all others.
const PREFERENCE: u16 = 1;

/// A request in words, and the answers that mean that it is so already.
type Step = (String, Request, &'static [Errno]);

impl Live {
    /// Has an interface do that to whatever leaves by it, in place of what it did: netem, tbf where only
    /// a rate is asked for, or nothing.
    ///
    /// # Errors
    ///
    /// [`Failure::Lacking`] where the kernel has no such queue, and other [`Failure`]s.
    pub fn set_impairment(
        &mut self,
        device: &Device,
        impairment: &Impairment,
    ) -> Result<(), Failure> {
        let index = self.index_of(device);
        let name = &device.name;
        let steps: Vec<Step> = if impairment.is_none() {
            let words = format!("tc qdisc delete dev {name} root");
            vec![(words, queues::clear(index), &[Errno::ENOENT])]
        } else {
            let words = format!("tc qdisc replace dev {name} root {impairment}");
            let requests = queues::queues(index, impairment).into_iter();
            requests.map(|one| step(words.clone(), one)).collect()
        };
        let needed = if impairment.is_rate_alone() {
            TOKEN_BUCKET
        } else {
            EMULATOR
        };
        self.carry_out(device, &steps, needed)?;
        self.limit_bursts(device, impairment)
    }

    /// Has an interface that a process holds take no larger packets than an impairment allows, so that
    /// the process counts and loses them one by one.
    ///
    /// # Errors
    ///
    /// [`Failure`].
    pub fn limit_bursts(
        &mut self,
        device: &Device,
        impairment: &Impairment,
    ) -> Result<(), Failure> {
        let request = queues::take_at_once(self.index_of(device), impairment);
        let words = format!("link set {} gso_max_size", device.name);
        self.carry_out(device, &[step(words, request)], INTERFACES)
    }

    /// Leads what leaves by an interface through a TAP of the same namespace, and what comes out of the
    /// TAP to the interface, as if it had arrived there. `impairment` is what will happen to what leaves.
    /// Both ends of a link are to be diverted, one after the other: what one sends before the other is
    /// ready arrives there by the TAP's way or not at all.
    ///
    /// # Errors
    ///
    /// [`Failure`]; nothing is diverted then, and the TAP may be closed.
    pub fn divert(
        &mut self,
        device: &Device,
        tap: &IfName,
        impairment: &Impairment,
    ) -> Result<(), Failure> {
        let interface = self.look_up(device.node, &device.name)?;
        let own = interface.header.index;
        let tap_link = self.look_up(device.node, tap)?;
        let tap_index = tap_link.header.index;
        let limited = self.limited_at(device);
        let address = observe::address(&interface).unwrap_or_default();
        let quiet = quiet::requests(tap_index).into_iter();
        let mut prepare: Vec<Step> = quiet
            .map(|one| step(format!("link set {tap} quiet"), one))
            .collect();
        let hold = queues::hold(&tap_link);
        prepare.extend(hold.map(|one| step(format!("link set {tap} txqueuelen"), one)));
        prepare.extend([
            step(
                format!("link set {tap} up address of {}", device.name),
                Request::change(message::stand_in(tap_index, address)),
            ),
            step(
                format!("link set {tap} gso_max_size"),
                queues::take_at_once(tap_index, impairment),
            ),
            step(
                format!("tc qdisc add dev {tap} clsact"),
                Request::create(tc::clsact(tap_index)),
            ),
            step(
                format!(
                    "tc filter add dev {tap} ingress redirect to {}",
                    device.name
                ),
                Request::create(tc::redirect(
                    (tap_index, Side::Ingress),
                    PREFERENCE,
                    (own, Side::Ingress),
                )),
            ),
        ]);
        // A packet is counted once against a capacity that several interfaces share: before it enters
        // the TAP, now that it no longer leaves by the interface; and after it has left the other.
        if let Some(leaving) = limited {
            prepare.push(step(
                format!("tc filter add dev {tap} egress limit"),
                limit::wait_at(tap_index, Side::Egress, leaving),
            ));
        }
        self.carry_out(device, &prepare, REDIRECTION)?;
        let lead: [Step; 2] = [
            (
                format!("tc qdisc add dev {} clsact", device.name),
                Request::create(tc::clsact(own)),
                &[Errno::EEXIST],
            ),
            step(
                format!("tc filter add dev {} egress redirect to {tap}", device.name),
                Request::create(tc::redirect(
                    (own, Side::Egress),
                    PREFERENCE,
                    (tap_index, Side::Egress),
                )),
            ),
        ];
        self.carry_out(device, &lead, REDIRECTION)
    }

    /// Has what leaves by an interface leave by it again. What is under way through the process arrives
    /// as long as the TAPs are open.
    ///
    /// # Errors
    ///
    /// [`Failure`]; for an interface that is not diverted, nothing is done.
    pub fn undivert(&mut self, device: &Device) -> Result<(), Failure> {
        let own = self.index_of(device);
        let name = &device.name;
        let (words, request) = if self.limited_at(device).is_some() {
            (
                format!("tc filter delete dev {name} egress"),
                tc::no_redirect(own, Side::Egress, PREFERENCE),
            )
        } else {
            (
                format!("tc qdisc delete dev {name} clsact"),
                tc::no_clsact(own),
            )
        };
        let is_gone = &[Errno::ENOENT, Errno::EINVAL];
        self.carry_out(
            device,
            &[(words, Request::change(request), is_gone)],
            REDIRECTION,
        )
    }

    /// The first failure of steps in an interface's namespace; all are tried. A kind of queue or filter
    /// that is not there is what `needed` says.
    fn carry_out(
        &mut self,
        device: &Device,
        steps: &[Step],
        needed: Needed,
    ) -> Result<(), Failure> {
        let requests: Vec<_> = steps
            .iter()
            .map(|(words, request, _)| (words.clone(), request.clone()))
            .collect();
        let refused = self.run(device.node, &requests)?;
        let failure = refused
            .into_iter()
            .find(|(position, errno, _)| !steps[*position].2.contains(errno));
        match failure {
            None => Ok(()),
            Some((_, Errno::ENOENT, failure)) => Err(failure.lacking(needed)),
            Some((.., failure)) => Err(failure),
        }
    }
}

fn step(words: String, request: Request) -> Step {
    (words, request, &[])
}
