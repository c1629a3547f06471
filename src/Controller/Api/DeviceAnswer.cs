using EdgePrune.Controller.Data;

namespace EdgePrune.Controller.Api;

/// <param name="Device">What is kept of it.</param>
/// <param name="Connected">Whether it can be reached now.</param>
internal sealed record DeviceAnswer(DeviceState Device, bool Connected);
