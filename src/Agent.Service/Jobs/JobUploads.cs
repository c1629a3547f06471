using EdgePrune.Agent.Service.Uploads;

namespace EdgePrune.Agent.Service.Jobs;

/// <summary>Models that were sent to be measured. They lie apart from bundles, so that nothing here is ever deployed.</summary>
internal sealed record JobUploads(UploadFolder Folder);
