#!/bin/busybox sh
# The first process of the guest, in its first root file system: mounts the host's root file system, as it is and
# read-only, under a layer in memory that takes what is written, and goes on in there.
# shellcheck shell=dash
set -e
bb=/bin/busybox
$bb mkdir -p /proc /host /layer /root
$bb mount -t proc proc /proc
while read -r module; do
    $bb insmod "/modules/$module"
done </modules/order
# Whole blocks are kept by the guest: the host's files are not expected to change while it runs.
$bb mount -t 9p -o trans=virtio,version=9p2000.L,msize=512000,cache=loose,ro root /host
$bb mount -t tmpfs -o mode=755 tmpfs /layer
$bb mkdir /layer/upper /layer/work
$bb mount -t overlay -o lowerdir=/host,upperdir=/layer/upper,workdir=/layer/work overlay /root
# The host's own mounts are not to be seen: a namespace of its, under /run/netns, would be a plain file here.
$bb mount -t proc proc /root/proc
$bb mount -t sysfs sysfs /root/sys
$bb mount -t devtmpfs devtmpfs /root/dev
$bb mkdir -p /root/dev/pts /root/dev/shm
$bb mount -t devpts -o ptmxmode=666 devpts /root/dev/pts
$bb mount -t tmpfs -o mode=1777 tmpfs /root/dev/shm
$bb mount -t tmpfs -o mode=755 tmpfs /root/run
$bb mkdir /root/run/stock-kernel /root/run/lock
$bb mount -t 9p -o trans=virtio,version=9p2000.L,msize=512000,cache=none results /root/run/stock-kernel
# What udev makes elsewhere; nft reads its rules from /dev/stdin.
$bb ln -s /proc/self/fd /root/dev/fd
$bb ln -s /proc/self/fd/0 /root/dev/stdin
$bb ln -s /proc/self/fd/1 /root/dev/stdout
$bb ln -s /proc/self/fd/2 /root/dev/stderr
$bb hostname stock-kernel
# shellcheck disable=SC2154 # the kernel's command line sets it
exec $bb switch_root /root /bin/bash "$stock_kernel_parts/guest.sh"
