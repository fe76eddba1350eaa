using MemoryMesh.Memory;
using MemoryMesh.ServiceDefaults.Hosting;

var builder = MemoryMeshHost.CreateBuilder(args, MemoryModule.Name);
builder.Services.AddMemoryModule();

var app = builder.Build();
app.UseMemoryMeshDefaults();
app.MapMemoryEndpoints();
return await app.RunMemoryMeshAsync();
