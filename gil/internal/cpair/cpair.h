// n times a release and a take of a lock that nobody else wants; the second one
// reads the monotonic clock after each.
void cpair_run(long n);
void cpair_run_stamped(long n);
