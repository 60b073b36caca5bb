// That this links is the test.
int main() { return 0; }
