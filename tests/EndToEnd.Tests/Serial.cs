// What these tests start measures the machine, and two at a time would measure each other.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
