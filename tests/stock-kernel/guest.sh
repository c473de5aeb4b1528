#!/bin/bash
# The first process of the guest once it has the host's root file system: loads the modules that labs need, runs the
# command that the host left, gives its output and its exit code back, and switches the machine off.
results=/run/stock-kernel

off() {
    sync
    echo o >/proc/sysrq-trigger
    sleep 60 # The first process must not end before the machine does.
}
give_up() {
    echo "$1" >"$results/trouble"
    off
}

# shellcheck source=/dev/null
. "$results/environment"
cd "$(dirname "$0")/../.." || give_up 'the repository is not there'
mkdir -p /lib/modules
mount --bind target/stock-kernel/linux-image-*/lib/modules /lib/modules
for module in virtio_console wireguard sch_netem sch_tbf sch_ingress cls_u32 act_mirred ifb veth bridge tun nft_fib_ipv4; do
    modprobe "$module" || give_up "it has no module $module"
done
ip link set lo up
sysctl -q kernel.printk='4 4 1 7'
out=$(echo /dev/vport*p1)
err=$(echo /dev/vport*p2)
if ! [ -c "$out" ] || ! [ -c "$err" ]; then
    give_up 'its ports to the host are not there'
fi
: >"$results/booted"

bash "$results/command" </dev/null >"$out" 2>"$err"
echo $? >"$results/exit"
off
