using MemoryMesh.Memory;
using MemoryMesh.ServiceDefaults.Hosting;
using MemoryMesh.ServiceDefaults.Internal;
using MemoryMesh.ServiceDefaults.Messaging;
using MemoryMesh.ServiceDefaults.Redis;

return await MemoryMeshHost.RunAsync(args, () =>
{
    var builder = MemoryMeshHost.CreateBareBuilder(args, MemoryModule.Name);
    if (MemoryModule.IsReader(builder.Configuration))
    {
        builder.AddStatelessService(MemoryModule.Readers);
        builder.Services.AddAuthHttpClient().AddChatHttpClient().AddMemoryHttpClient().AddSearchHttpClient().AddReaderModule();
        builder.AddSharedAnswers();
        var reader = builder.Build();
        reader.UseStatelessDefaults();
        reader.MapReaderEndpoints();
        return reader;
    }

    builder.AddService(MemoryModule.Name);
    builder.Services
        .AddAuthHttpClient()
        .AddChatHttpClient()
        .AddSearchHttpClient()
        .AddMemoryModule();
    builder.AddRabbitMqBus();
    builder.AddSharedAnswers();

    var app = builder.Build();
    app.UseMemoryMeshDefaults();
    app.MapMemoryEndpoints();
    app.MapMemoryCalls();
    app.MapReaderCalls();
    return app;
});
