package audit

const victimFolder = "COMMDN_TEST_VICTIM"

func victim(string) error { return nil }
