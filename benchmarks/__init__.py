"""The measurements that hold us against DVC, Sigstore and OpenSSL, side by side, in one run."""
