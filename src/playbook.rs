//! Cluster and playbook files.
