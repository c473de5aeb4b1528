//! Impairments of a running lab: replaces queues, or diverts packets through a process if the kernel lacks the queue.
//!
//! Two TAPs of a process, one in each namespace, replace the wire between two interfaces. Packets leaving the interface
//! leave through the TAP instead; packets from the process's TAP arrive at the interface. The interface keeps its
//! addresses and routes.

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

/// The preference of a diversion among an interface's filters: before all others.
const PREFERENCE: u16 = 1;

/// A request in words, and the errors that mean that it is already done.
type Step = (String, Request, &'static [Errno]);

impl Live {
    /// Sets the impairments of packets leaving an interface, replacing earlier ones: netem, tbf if only a rate is
    /// given, or nothing.
    ///
    /// # Errors
    ///
    /// [`Failure::Lacking`] if the kernel lacks the queue, and other [`Failure`]s.
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

    /// Limits the packet size of a process's interface to what an impairment allows, so that the process counts and
    /// loses packets one by one.
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

    /// Diverts packets leaving an interface through a TAP of the same namespace; packets from the TAP arrive at the
    /// interface. `impairment` will apply to packets that leave. Both ends of a link must be diverted, one after the
    /// other. Packets sent in between arrive through the TAP or not at all.
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
        // A packet counts once against a capacity that several interfaces share: before it enters the TAP, since it no
        // longer leaves through the interface; and after it has left the other TAP.
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

    /// Ends a diversion. Packets in the process still arrive while the TAPs are open.
    ///
    /// # Errors
    ///
    /// [`Failure`]; for an interface without a diversion, nothing is done.
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

    /// Tries all steps in an interface's namespace and returns the first failure. `needed` names a missing kind of
    /// queue or filter.
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
