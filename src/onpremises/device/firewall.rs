//! The `firewall` of a device, a virtual machine or a host.

use crate::findings::{Finding, Located, Rule};
use crate::firewall::Firewall;
use crate::yaml::fields::Decoder;
use crate::yaml::tree::{Kind, Node};
use crate::yaml::values::located;

const FIREWALL_CONFLICT: Rule = Rule::new("firewall-conflict");

/// What a text may have besides printed characters.
const WHITE: [char; 2] = ['\n', '\t'];

/// The text of a firewall. nft finds its errors before anything is built; what is refused here would not be a part of a
/// lab.
pub(crate) fn firewall(d: &mut Decoder, node: &Node) -> Option<Located<Firewall>> {
    let Kind::Text(text) = &node.kind else {
        return d.wrong_type(node, "the text of nftables rules");
    };
    let is_wrong = |c: char| c.is_control() && !WHITE.contains(&c);
    if text.trim().is_empty() || text.chars().any(is_wrong) {
        let message = "expected the text of nftables rules, found none";
        return d.wrong_value(node.place, message);
    }
    let firewall = Firewall::new(text);
    for conflict in firewall.conflicts() {
        let message = format!(
            "line {} of the firewall, `{}`, {}",
            conflict.line, conflict.command, conflict.why
        );
        let finding = Finding::new(FIREWALL_CONFLICT, node.place, message);
        d.report(finding.with_help(conflict.help));
    }
    Some(located(node.place, firewall))
}
