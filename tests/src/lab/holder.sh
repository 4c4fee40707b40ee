# Keeps the network, mount and UTS namespace of one lab host (or of ctl) alive. $1 its folder, $2 its name.
# Runs inside the fresh namespaces; the mounts below are seen by nobody else.
set -eu
folder=$1
hostname "$2"
mount --make-rprivate /

# /sys shows the interfaces of the namespace in which it was mounted.
umount -l /sys && mount -t sysfs sysfs /sys

for path in run/libvirt etc/libvirt var/lib/libvirt var/log/libvirt var/cache/libvirt; do
    mkdir -p "$folder/$path" "/$path"
    mount --bind "$folder/$path" "/$path"
done
for path in etc/hosts etc/machine-id; do
    [ ! -e "/$path" ] || mount --bind "$folder/$path" "/$path"
done

ip link set lo up
echo "$$" >"$folder/holder.pid.new"
mv "$folder/holder.pid.new" "$folder/holder.pid"
exec sleep infinity
