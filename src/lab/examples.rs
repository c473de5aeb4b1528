//! Labs for the tests of several modules.

/// Two networks whose peering includes one subnet of each. In a range outside these subnets, both have a machine with
/// the same address.
pub(crate) const SUBNETS: &str = "\
name: subnets
virtualNetworks:
  left:
    location: region1
    addressPrefixes: [10.80.0.0/16, 172.28.0.0/16]
    subnets: { front: { addressPrefix: 10.80.1.0/24 }, back: { addressPrefix: 172.28.3.0/24 } }
    virtualMachines:
      left-vm: { subnet: front, privateIPAddress: 10.80.1.4 }
      left-db: { subnet: back, privateIPAddress: 172.28.3.4 }
    peerings: [{ remoteVirtualNetwork: right, peerCompleteVnets: false, localSubnetNames: [front] }]
  right:
    location: region1
    addressPrefixes: [10.81.0.0/16, 172.28.0.0/16]
    subnets: { front: { addressPrefix: 10.81.1.0/24 }, back: { addressPrefix: 172.28.3.0/24 } }
    virtualMachines:
      right-vm: { subnet: front, privateIPAddress: 10.81.1.4 }
      right-db: { subnet: back, privateIPAddress: 172.28.3.4 }
    peerings: [{ remoteVirtualNetwork: left, peerCompleteVnets: false, localSubnetNames: [front] }] # Right's half.
";
