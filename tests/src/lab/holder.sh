# Keeps the network, mount and UTS namespace of one lab host (or of ctl) alive. $1 its folder, $2 its name, $3 the group
# of the machine's cgroup hierarchies that it sees as theirs; empty for none.
# Runs inside the fresh namespaces; the mounts below are seen by nobody else.
set -eu
folder=$1
hostname "$2"
mount --make-rprivate /

# Below the folder until the new /sys is there to hold them.
if [ -n "$3" ]; then
    while read -r kind at; do
        case $kind in cgroup | cgroup2) ;; *) continue ;; esac
        mkdir -p "$at/$3" "$folder/cgroup$at"
        mount --bind "$at/$3" "$folder/cgroup$at"
    done <<MOUNTS
$(awk '$2 ~ "^/sys/fs/cgroup" { print $3, $2 }' /proc/self/mounts)
MOUNTS
fi

# /sys shows the interfaces of the namespace in which it was mounted.
umount -l /sys && mount -t sysfs sysfs /sys
if [ -n "$3" ]; then
    # Version 2 alone is mounted on the folder itself; beside version 1 each hierarchy has a folder in it.
    if [ -z "$(ls "$folder/cgroup/sys/fs")" ] || ! mountpoint -q "$folder/cgroup/sys/fs/cgroup"; then
        mount -t tmpfs -o mode=755 cgroup /sys/fs/cgroup
    fi
    awk -v "below=$folder/cgroup" 'index($2, below) == 1 { print $2 }' /proc/self/mounts | while read -r from; do
        at=${from#"$folder/cgroup"}
        mkdir -p "$at"
        mount --move "$from" "$at"
    done
fi

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
